/** Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->` in `text`. Throws when those lines are not there. */
export function between(text, name, content) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [head, rest] = text.split(begin);
  const tail = rest?.split(end)[1];
  if (tail === undefined) throw new Error(`the document must hold the lines ${begin} and ${end}`);
  return `${head}${begin}\n\n${content}\n\n${end}${tail}`;
}

const BLOCK = 512;

/**
 * The content of the regular file `name` in an uncompressed tar archive, `undefined` when it is not there. Reads what
 * POSIX calls ustar: in each header the name is at 0, the size in octal at 124, the type at 156.
 */
export function untarFile(archive, name) {
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header[0] === 0) return undefined; // the archive ends with empty blocks
    const size = Number.parseInt(text(header, 124, 12), 8) || 0;
    const type = String.fromCharCode(header[156]);
    const start = at + BLOCK;
    if ((type === '0' || type === '\0') && text(header, 0, 100).replace(/^\.\//, '') === name) {
      return start + size <= archive.length ? archive.subarray(start, start + size) : undefined;
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}

function text(header, at, length) {
  const field = header.toString('latin1', at, at + length);
  const end = field.indexOf('\0');
  return (end < 0 ? field : field.slice(0, end)).trim();
}

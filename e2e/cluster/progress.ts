// What a user sees of a long step: what it is, how long it may take, that it moves.

/** Prints lines about one long step. */
export interface Progress {
  /** A short word on where it stands; on a terminal it replaces the last one, elsewhere one comes every 15 s at most. */
  update(text: string): void;
  /** The last line, with the time it took. */
  done(text?: string): void;
}

const QUIET_MS = 15_000;

/** Says what begins and how long it may take. Writes to stderr, so that a command's own output stays clean. */
export function beginStep(what: string, mayTake?: string, out: NodeJS.WriteStream = process.stderr): Progress {
  const startedAt = performance.now();
  const elapsed = () => clock((performance.now() - startedAt) / 1000);
  let lastAt = startedAt;
  out.write(`${what}${mayTake ? ` (${mayTake})` : ''}\n`);
  return {
    update(text) {
      if (out.isTTY) {
        out.write(`\r\u001B[K  ${elapsed()}  ${text}`);
      } else if (performance.now() - lastAt >= QUIET_MS) {
        lastAt = performance.now();
        out.write(`  ${elapsed()}  ${text}\n`);
      }
    },
    done(text = 'done') {
      out.write(`${out.isTTY ? '\r\u001B[K' : ''}  ${elapsed()}  ${text}\n`);
    },
  };
}

/** Seconds as `m:ss`. */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

const LINE_EVERY_MS = 10_000;

/**
 * A log for people. `log(line)` writes a line; `log.update(text)` shows where a long step is: on a terminal one line
 * that is rewritten, elsewhere a line every ten seconds.
 */
export function terminalLog(stream = process.stderr, nowMs = () => performance.now()) {
  let shown = false;
  const log = line => {
    if (shown) stream.write('\r\x1b[2K');
    shown = false;
    stream.write(`${line}\n`);
  };
  log.update = stream.isTTY
    ? text => {
      // A line that wraps cannot be rewritten.
      stream.write(`\r\x1b[2K${text.slice(0, (stream.columns || 80) - 1)}`);
      shown = true;
    }
    : everyTenSeconds(log, nowMs);
  return log;
}

/** `log` as given, with an `update` whatever its maker thought of: a plain `console.log` will do. */
export function withUpdate(log, nowMs = () => performance.now()) {
  if (log.update) return log;
  const result = line => log(line);
  result.update = everyTenSeconds(result, nowMs);
  return result;
}

function everyTenSeconds(log, nowMs) {
  let lastMs = nowMs();
  return text => {
    if (nowMs() - lastMs < LINE_EVERY_MS) return;
    lastMs = nowMs();
    log(text);
  };
}

/** "4 min 10 s" */
export function duration(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

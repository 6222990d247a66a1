import fs from 'node:fs';

const LOOK_EVERY_MS = 500;

/**
 * Calls `onGone` once when whoever started this process has ended. npm runs a script in a shell that outlives npm, so
 * where the parent is such a shell, its parent counts as well (on Linux, where that can be read). The timer holds no process up.
 */
export function onParentGone(onGone) {
  const parent = process.ppid;
  if (parent <= 1) return; // started as an orphan, by a service manager perhaps
  const grandparent = process.env.npm_lifecycle_event ? parentOf(parent) : undefined;
  const timer = setInterval(() => {
    const gone = process.ppid !== parent || (grandparent !== undefined && parentOf(parent) !== grandparent);
    if (!gone) return;
    clearInterval(timer);
    onGone();
  }, LOOK_EVERY_MS);
  timer.unref();
}

/** From /proc: the program's name stands in parentheses and may hold anything, the parent is the second field after it. */
function parentOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

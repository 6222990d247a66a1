/** Suites that run over several managers: what their outermost titles begin with. */
export const WIDE_SUITES = ["mediasoup's own tests", 'conformance'];
/** What the others are compared with. */
const CONTROL = 'plain mediasoup';
const CANNOT_PASS = /\(cannot pass: .+\)$/;

/**
 * One of the wide suites by what it ran over: how many passed, `+ n` where tests that cannot pass there were seen to fail, and how
 * many failed. `undefined` when none ran. Pure.
 */
export function tableOfSuites(tests, what = WIDE_SUITES[0]) {
  const cells = new Map();
  const targets = new Set();
  for (const { ancestorTitles: [over, suite], title, status } of tests) {
    const target = over?.startsWith(`${what} over `) ? over.slice(`${what} over `.length) : undefined;
    if (!target || !suite) continue;
    targets.add(target);
    const row = cells.get(suite) ?? new Map();
    const cell = row.get(target) ?? { passed: 0, excused: 0, failed: 0 };
    cell[status !== 'passed' ? 'failed' : CANNOT_PASS.test(title) ? 'excused' : 'passed'] += 1;
    cells.set(suite, row.set(target, cell));
  }
  if (targets.size === 0) return undefined;
  const names = [...targets].toSorted((a, b) => (b === CONTROL) - (a === CONTROL) || (a < b ? -1 : 1));
  const rows = [...cells].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([suite, row]) => [suite, ...names.map(name => textOf(row.get(name)))]);
  const all = names.map(name => textOf(sumOf([...cells.values()].map(row => row.get(name)))));
  return aligned([[`${what} over`, ...names], ...rows, ['all', ...all]]);
}

const sumOf = counts => counts.reduce((sum, cell) => ({
  passed: sum.passed + (cell?.passed ?? 0), excused: sum.excused + (cell?.excused ?? 0), failed: sum.failed + (cell?.failed ?? 0),
}), { passed: 0, excused: 0, failed: 0 });

function textOf(cell) {
  if (!cell) return '–';
  const { passed, excused, failed } = cell;
  return `${passed}${excused > 0 ? ` + ${excused}` : ''}${failed > 0 ? `, ${failed} failed` : ''}`;
}

function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
  return rows.map(row => row.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]))).join('  ')).join('\n');
}

import path from 'node:path';

const MEASURES = ['lines', 'branches', 'functions', 'statements'];

/** What must be covered, in percent of each measure: rooms that only decide, and the packages that an app's calls pass through, leave no excuse. */
const GATES = [
  { place: 'rope/', percent: 100 },
  { place: 'client-sdk/', percent: 100 },
  { place: 'media-node/', percent: 100 },
  { place: 'operator/src/resources/', percent: 100 },
  { place: 'operator/src/media-cluster/plan.ts', percent: 100 },
  { place: 'operator/src/media-cluster/sizing.ts', percent: 100 },
  { place: 'kube/', percent: 90 },
  { place: 'operator/', percent: 90 },
];

/** Sums Jest's summary by package and pure room. `missed` has a line for each gate that was not reached. Pure. */
export function checkCoverage(summary, root, gates = GATES) {
  const files = Object.entries(summary).filter(([file]) => file !== 'total').map(([file, measured]) => [path.relative(root, file), measured]);
  const rows = gates.map(({ place, percent }) => {
    const inside = files.filter(([file]) => file.startsWith(place)).map(([, measured]) => measured);
    const reached = MEASURES.map(measure => percentOf(inside.map(measured => measured[measure])));
    return { place, percent, reached, found: inside.length > 0 };
  });
  const missed = rows.flatMap(({ place, percent, reached, found }) => {
    if (!found) return [`coverage: no file of ${place} was measured`];
    const short = MEASURES.filter((_, index) => reached[index] < percent).map(measure => `${measure} ${reached[MEASURES.indexOf(measure)].toFixed(2)} %`);
    return short.length > 0 ? [`coverage: ${place} must reach ${percent} %: ${short.join(', ')}`] : [];
  });
  return { table: tableOf(rows), missed };
}

function percentOf(counts) {
  const total = counts.reduce((sum, { total: all }) => sum + all, 0);
  const covered = counts.reduce((sum, { covered: some }) => sum + some, 0);
  return total === 0 ? 100 : (covered / total) * 100;
}

function tableOf(rows) {
  const width = Math.max(...rows.map(({ place }) => place.length));
  const line = (place, cells, gate) => [place.padEnd(width), ...cells.map(cell => cell.padStart(10)), gate.padStart(6)].join(' ');
  return [
    line('coverage, %', MEASURES, 'gate'),
    ...rows.map(({ place, percent, reached }) => line(place, reached.map(value => value.toFixed(1)), String(percent))),
  ].join('\n');
}

import fs from 'node:fs';
import path from 'node:path';

import { between } from './between.mjs';

const DOCUMENT = 'ARCHITECTURE.md';

/** The picture of packages and rooms in ARCHITECTURE.md, from rooms.json. */
export function generate(root) {
  const { packages } = JSON.parse(fs.readFileSync(path.join(root, 'rooms.json'), 'utf8'));
  return { [DOCUMENT]: between(fs.readFileSync(path.join(root, DOCUMENT), 'utf8'), 'rooms', picture(packages)) };
}

/** A Mermaid flowchart, which code hosts show as a picture. */
function picture(packages) {
  const id = (folder, room) => `${folder}/${room}`.replaceAll(/[^a-z]/g, '_');
  const nodes = Object.entries(packages).flatMap(([folder, { name, rooms }]) => [
    `  subgraph ${id(folder, 'package')}["${name}"]`,
    ...Object.keys(rooms).map(room => `    ${id(folder, room)}["${room}"]`),
    ...arrows(rooms).map(([from, to]) => `    ${id(folder, from)} --> ${to.map(room => id(folder, room)).join(' & ')}`),
    '  end',
  ]);
  const between = Object.entries(packages).flatMap(([folder, rule]) => rule.packages.map(entry => {
    const only = entry.only ? `-- "${entry.only.join(', ')} alone" -->` : '-->';
    return `  ${id(folder, 'package')} ${only} ${id(entry.name ?? entry, 'package')}`;
  }));
  return [
    'An arrow reads "imports". What follows from other arrows is left out; `rooms.json` has them all.', '',
    '```mermaid', 'flowchart LR', ...nodes, ...between, '```',
  ].join('\n');
}

/** For each room those that it imports, but what follows from other arrows: when a imports b and b c, that a imports c is no news. */
function arrows(rooms) {
  const reaches = (from, to) => rooms[from].some(next => next === to || reaches(next, to));
  const news = others => others.filter(to => !others.some(other => other !== to && reaches(other, to)));
  return Object.entries(rooms).map(([from, others]) => [from, news(others)]).filter(([, others]) => others.length > 0);
}

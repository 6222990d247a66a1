import fs from 'node:fs';
import path from 'node:path';

/** What is built, in this order. `dockerfile` is relative to the repository's root, which is the context of every build. */
export const IMAGES = [
  { name: 'mediacluster-operator', dockerfile: 'Dockerfile.operator', takes: 'up to 2 min' },
  { name: 'mediacluster-node', dockerfile: 'Dockerfile.node', takes: 'up to 3 min; 8 if the native worker must be built' },
  { name: 'mediacluster-example-call', dockerfile: 'examples/call/Dockerfile', takes: 'up to 2 min' },
];

/** Where images stand that no registry has: the chart's default too. */
export const LOCAL_REGISTRY = 'localhost';

/** `localhost/mediacluster-node:0.1.0`, or under another registry. The tag is the version in the root's package.json. */
export function referenceOf(root, image, registry = LOCAL_REGISTRY) {
  return `${registry.replace(/\/+$/, '')}/${image.name}:${versionOf(root)}`;
}

/** The images of those names, all when none is named. Throws a `TypeError` for a name that there is not. */
export function imagesNamed(names) {
  if (names.length === 0) return IMAGES;
  return names.map(name => {
    const found = IMAGES.find(image => image.name === name || image.name === `mediacluster-${name}`);
    if (!found) throw new TypeError(`there is no image "${name}", only ${IMAGES.map(image => image.name.replace('mediacluster-', '')).join(', ')}`);
    return found;
  });
}

function versionOf(root) {
  return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version;
}

import fs from 'node:fs';
import path from 'node:path';

const PUBLISHED = ['rope', 'kube', 'client-sdk', 'media-node', 'operator'];

/** The licence beside each published package: npm packs only what lies in its folder. */
export function generate(root) {
  const text = fs.readFileSync(path.join(root, 'LICENSE'), 'utf8');
  return Object.fromEntries(PUBLISHED.map(folder => [`${folder}/LICENSE`, text]));
}

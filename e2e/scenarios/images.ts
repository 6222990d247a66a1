import type { Cluster } from '../cluster/index.ts';

/** Loads our images into every node of a cluster. `npm run e2e` has built them and names the archives in `E2E_IMAGES`. */
export async function loadImages(cluster: Cluster): Promise<void> {
  const archives = (process.env['E2E_IMAGES'] ?? '').split(':').filter(Boolean);
  if (archives.length === 0) throw new Error('E2E_IMAGES names no image archive: start the scenarios with npm run e2e');
  for (const archive of archives) await cluster.loadImage(archive);
}

// The image of the container that holds a pod's namespaces: one static program, written as an OCI archive by hand,
// so that a cluster starts without any image builder.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { cacheDir } from './layout.ts';
import { PAUSE_IMAGE } from './node-config.ts';

const SOURCE = join(import.meta.dirname, 'pause/pause.c');

/** Makes the archive, or finds it in the cache, where it is keyed by its source. Returns its path. */
export async function pauseArchive(): Promise<string> {
  const key = createHash('sha256').update(await readFile(SOURCE)).digest('hex').slice(0, 12);
  const archive = join(cacheDir(), `pause-${key}.tar`);
  if (existsSync(archive)) return archive;
  await mkdir(cacheDir(), { recursive: true });
  const folder = await mkdtemp(join(cacheDir(), 'pause-'));
  try {
    await compile(folder);
    await writeImage(folder);
    await run('tar', ['--create', '--file', join(folder, 'image.tar'), '--directory', join(folder, 'image'), '.']);
    await rename(join(folder, 'image.tar'), archive); // At once, so that nobody finds half an archive.
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return archive;
}

async function compile(folder: string): Promise<void> {
  await mkdir(join(folder, 'root'));
  await run('gcc', ['-Os', '-static', '-s', '-Wall', '-o', join(folder, 'root/pause'), SOURCE]);
  await run('tar', ['--create', '--owner=0', '--group=0', '--numeric-owner', '--file', join(folder, 'layer.tar'), '--directory', join(folder, 'root'), 'pause']);
}

/** OCI image layout 1.0: blobs by digest, an index that names the manifest. */
async function writeImage(folder: string): Promise<void> {
  const blobs = join(folder, 'image/blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const put = async (bytes: Buffer, mediaType: string) => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(blobs, digest), bytes);
    return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const oci = (kind: string) => `application/vnd.oci.image.${kind}`;

  const layer = await put(await readFile(join(folder, 'layer.tar')), oci('layer.v1.tar'));
  const platform = { architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', os: 'linux' };
  const config = await put(json({ ...platform, config: { Entrypoint: ['/pause'], User: '65535:65535' }, rootfs: { type: 'layers', diff_ids: [layer.digest] } }), oci('config.v1+json'));
  const manifest = await put(json({ schemaVersion: 2, mediaType: oci('manifest.v1+json'), config, layers: [layer] }), oci('manifest.v1+json'));
  const named = { ...manifest, platform, annotations: { 'io.containerd.image.name': PAUSE_IMAGE, 'org.opencontainers.image.ref.name': PAUSE_IMAGE } };
  await writeFile(join(folder, 'image/index.json'), json({ schemaVersion: 2, mediaType: oci('index.v1+json'), manifests: [named] }));
  await writeFile(join(folder, 'image/oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
}

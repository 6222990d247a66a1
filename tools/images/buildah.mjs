// Builds images without a container engine. Its store lies in our cache: the user's own images are not touched.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { withLock } from '../worker/lock.mjs';
import { run } from '../worker/run.mjs';
import { BASE_IMAGE, BUILD_IMAGE, SUITE, inOwnMounts, provideBase } from './base.mjs';
import { imageCache } from './cache.mjs';
import { referenceOf } from './list.mjs';
import { must, outputOf, provide } from './program.mjs';
import { provideWorker } from '../worker.mjs';

/** A build leaves some 20 images, one per line of a Dockerfile, for the next one to begin from. This many took 9 GB here. */
const MAX_IMAGES = 200;

/** The builder of a machine without a running Docker. The methods are those of docker.mjs. */
export class Buildah {
  name = 'buildah';
  #root;
  #log;
  #env;
  #contexts = [];

  constructor({ root, log, env = process.env }) {
    this.#root = root;
    this.#log = log;
    this.#env = { ...env, TMPDIR: path.join(imageCache(env), 'tmp') }; // What RUN --mount=type=cache keeps lies there too.
    fs.mkdirSync(this.#env.TMPDIR, { recursive: true });
  }

  /** Sees to it that it can build: the programs, the base images, a native worker where this machine's fits into the images. */
  async prepare() {
    await provide(['buildah', 'mmdebstrap'], { log: this.#log, env: this.#env });
    await this.#prune();
    await provideBase({ root: this.#root, log: this.#log, env: this.#env, buildah: this });
    if (isSuite()) this.#contexts = ['--build-context', `worker=${await this.#workerFolder()}`];
  }

  /** Builds one of our images. */
  async build(image, { onLine } = {}) {
    await this.#alone(() => this.#buildah('bud', [
      '--isolation', 'chroot', '--network', 'host', '--layers', '--format', 'oci', '--ignorefile', path.join(this.#root, '.dockerignore'),
      '--build-arg', `BASE=${BASE_IMAGE}`, '--build-arg', `BUILD=${BUILD_IMAGE}`, ...this.#contexts, ...authorities(this.#env),
      '-f', path.join(this.#root, image.dockerfile), '-t', referenceOf(this.#root, image), this.#root,
    ], onLine));
  }

  /** Writes an image to a file that any cluster can load, and returns its path. The same image is written once. */
  async archive(image) {
    const reference = referenceOf(this.#root, image);
    const id = outputOf(...this.#command('inspect', ['--type', 'image', '--format', '{{.FromImageID}}', reference]), { env: this.#env }).slice(0, 12);
    const folder = path.join(imageCache(this.#env), 'archives');
    const file = path.join(folder, `${image.name}-${id}.tar`);
    if (fs.existsSync(file)) return file;
    fs.mkdirSync(folder, { recursive: true });
    // docker-archive adds to a file that is there; and of older images nobody asks for an archive again.
    for (const old of fs.readdirSync(folder)) if (old.startsWith(`${image.name}-`)) fs.rmSync(path.join(folder, old));
    // Docker's form, since buildah compresses every OCI archive: 16 s rather than 3 for 270 MB that stay on this machine.
    await this.#buildah('push', ['--quiet', reference, `docker-archive:${file}.partial:${reference}`]);
    fs.renameSync(`${file}.partial`, file);
    return file;
  }

  /** Pushes an image, and returns the name it has there. A registry on this machine may speak plain HTTP, as with Docker. */
  async push(image, registry) {
    const target = referenceOf(this.#root, image, registry);
    const isLocal = /^(localhost|127\.)/.test(registry);
    await this.#buildah('push', ['--quiet', ...(isLocal ? ['--tls-verify=false'] : []), referenceOf(this.#root, image), `docker://${target}`]);
    return target;
  }

  /** Whether the store has an image. */
  async has(reference) {
    return (await run(...this.#command('inspect', ['--type', 'image', reference]), { env: this.#env })).status === 0;
  }

  /** Builds a folder that holds its own Dockerfile. */
  async buildFolder(folder, reference) {
    await this.#buildah('bud', ['--isolation', 'chroot', '--network', 'host', '--format', 'oci', '-t', reference, folder]);
  }

  /** One build at a time: the second finds what the first has made, and nobody prunes what a build begins from. */
  #alone(work) {
    return withLock(path.join(imageCache(this.#env), 'build.lock'), work, { onWait: () => this.#log('another command is building images: waiting for it …') });
  }

  /** Forgets what earlier builds left, once it is much; the next build starts from the base images, which have names. */
  async #prune() {
    const images = path.join(this.#store, 'overlay-images');
    if (!fs.existsSync(images) || fs.readdirSync(images).length < MAX_IMAGES) return;
    this.#log('removing what earlier builds of images left; this one takes longer');
    await this.#alone(() => this.#buildah('rmi', ['--prune', '--force']));
  }

  async #buildah(command, args, onLine) {
    await must(...this.#command(command, args), { env: this.#env, ...(onLine && { onLine }) });
  }

  #command(command, args) {
    return inOwnMounts('buildah', ['--root', this.#store, '--runroot', `${this.#store}-run`, '--storage-driver', 'overlay', command, ...args]);
  }

  get #store() {
    return path.join(imageCache(this.#env), 'store');
  }

  /** A folder that holds this machine's worker, in which build stages look first. */
  async #workerFolder() {
    const { path: worker } = await provideWorker({ root: this.#root, log: this.#log, env: this.#env });
    // Named by its content, so that build stages are run again for another worker and for no other reason.
    const sum = createHash('sha256').update(fs.readFileSync(worker)).digest('hex').slice(0, 12);
    const folder = path.join(imageCache(this.#env), `worker-${sum}`);
    fs.mkdirSync(folder, { recursive: true });
    const copy = path.join(folder, 'mediasoup-worker');
    if (!fs.existsSync(copy)) fs.copyFileSync(worker, copy);
    return folder;
  }
}

/** Behind a proxy that inspects TLS, build stages need its authority; it does not get into the images. */
function authorities(env) {
  const file = env.NODE_EXTRA_CA_CERTS;
  return file && fs.existsSync(file) ? ['--secret', `id=ca,src=${file}`] : [];
}

/** Whether this machine is the Debian that the images are made of: what was linked here runs there. */
function isSuite() {
  const release = fs.existsSync('/etc/os-release') ? fs.readFileSync('/etc/os-release', 'utf8') : '';
  return new RegExp(`^VERSION_CODENAME=${SUITE}$`, 'm').test(release);
}

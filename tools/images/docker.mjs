// Builds images where Docker runs. Base images are those the Dockerfiles name; they are pulled.
import fs from 'node:fs';
import path from 'node:path';

import { imageCache } from './cache.mjs';
import { referenceOf } from './list.mjs';
import { isThere, must, outputOf } from './program.mjs';

/** Whether there is a Docker whose engine answers. */
export function dockerRuns(env = process.env) {
  return isThere('docker', ['info'], env);
}

/** The builder of a machine with Docker. The methods are those of buildah.mjs. */
export class Docker {
  name = 'docker';
  #root;
  #env;

  constructor({ root, env = process.env }) {
    this.#root = root;
    this.#env = { ...env, DOCKER_BUILDKIT: '1' };
  }

  /** Nothing to prepare: the engine pulls what the Dockerfiles name. */
  async prepare() {}

  /** Builds one of our images. */
  async build(image, { onLine } = {}) {
    const ca = this.#env.NODE_EXTRA_CA_CERTS;
    const secret = ca && fs.existsSync(ca) ? ['--secret', `id=ca,src=${ca}`] : [];
    await must('docker', ['build', '--progress', 'plain', ...secret, '-f', path.join(this.#root, image.dockerfile), '-t', referenceOf(this.#root, image), this.#root], { env: this.#env, onLine });
  }

  /** Writes an image to a file that any cluster can load, and returns its path. */
  async archive(image) {
    const reference = referenceOf(this.#root, image);
    const id = outputOf('docker', ['image', 'inspect', '--format', '{{.Id}}', reference], { env: this.#env }).replace('sha256:', '').slice(0, 12);
    const file = path.join(imageCache(this.#env), 'archives', `${image.name}-${id}.tar`);
    if (fs.existsSync(file)) return file;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    await must('docker', ['save', '-o', `${file}.partial`, reference], { env: this.#env });
    fs.renameSync(`${file}.partial`, file);
    return file;
  }

  /** Pushes an image, and returns the name it has there. */
  async push(image, registry) {
    const target = referenceOf(this.#root, image, registry);
    await must('docker', ['tag', referenceOf(this.#root, image), target], { env: this.#env });
    await must('docker', ['push', target], { env: this.#env });
    return target;
  }
}

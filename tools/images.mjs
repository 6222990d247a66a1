// npm run images [-- --load | --push REGISTRY] [--only operator,node]: builds our images and delivers them.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Buildah } from './images/buildah.mjs';
import { load } from './images/deliver.mjs';
import { Docker, dockerRuns } from './images/docker.mjs';
import { imagesNamed, referenceOf } from './images/list.mjs';
import { provideDependencies } from './steps/dependencies.mjs';
import { StepError, fail, step } from './steps/step.mjs';
import { terminalLog } from './worker/progress.mjs';

const USAGE = `Builds the images of operator, media node and example app, with Docker where it runs, else with buildah.

  npm run images                          builds them
  npm run images -- --load                and loads them into the cluster on this machine: npm run cluster, kind, minikube
  npm run images -- --push REGISTRY       and pushes them to REGISTRY, for example registry.example.com/media
  npm run images -- --archives            and writes them to files; prints name and file of each
  npm run images -- --only operator,node  those alone`;

async function main(args) {
  const { values } = parseArgs({
    args,
    options: { load: { type: 'boolean' }, push: { type: 'string' }, archives: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return console.log(USAGE);
  if (values.push === '') throw new StepError('--push needs a registry.', { remedy: USAGE });
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
  const log = terminalLog();
  const images = imagesNamed(values.only?.split(',') ?? []);
  const builder = await buildImages({ root, images, log });

  if (values.load) {
    const where = await step(log, { title: 'Loading the images' }, () => load({ root, images, builder }));
    log(`the images are in ${where}`);
  }
  if (values.push !== undefined) {
    for (const image of images) log(`pushed ${await step(log, { title: `Pushing ${image.name}` }, () => builder.push(image, values.push))}`);
  }
  // The one thing on standard output: who starts this program reads the files from it.
  if (values.archives) for (const image of images) console.log(`${referenceOf(root, image)} ${await builder.archive(image)}`);
}

/** Builds images and returns the builder, which can write them to archives and push them. */
export async function buildImages({ root, images, log, env = process.env }) {
  await provideDependencies({ root, log, env });
  const builder = dockerRuns(env) ? new Docker({ root, env }) : new Buildah({ root, log, env });
  await builder.prepare();
  for (const image of images) {
    await step(log, { title: `Image ${referenceOf(root, image)}, with ${builder.name}`, takes: image.takes }, say => builder.build(image, { onLine: say }));
  }
  return builder;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2)).catch(error => fail(error));

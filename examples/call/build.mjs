import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const here = path => fileURLToPath(new URL(path, import.meta.url));

/** Bundles the page into dist/page; `node build.mjs` does it. The server needs no build here: Node strips its types. */
export async function build() {
  await esbuild.build({
    entryPoints: [here('page/main.ts')],
    outfile: here('dist/page/main.js'),
    bundle: true,
    format: 'esm',
    target: 'es2023',
    minify: true,
    sourcemap: true,
    logLevel: 'warning',
  });
  for (const file of ['index.html', 'style.css', 'icon.svg']) await cp(here(`page/${file}`), here(`dist/page/${file}`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();

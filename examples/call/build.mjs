import { cp } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const here = path => fileURLToPath(new URL(path, import.meta.url));

/** Bundles the page into dist/page. The server needs no build: Node strips its types. `node build.mjs` does the same. */
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

/** The server with all it imports as one file beside the page, for an image without node_modules: `node build.mjs --server`. */
export async function buildServer() {
  await esbuild.build({
    entryPoints: [here('main.ts')],
    outfile: here('dist/call.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    // CommonJS parts of the bundle ask for Node's own modules by `require`.
    banner: { js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build();
  if (process.argv.includes('--server')) await buildServer();
}

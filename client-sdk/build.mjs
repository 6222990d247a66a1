// node build.mjs [FILE]
//
// Runs after `tsc -b`: puts mediasoup's pure functions into dist/remote/local-half.js, so that the SDK runs where no mediasoup is
// installed, and the parser of `check` into dist/check/parser.js. Of mediasoup's main module only parseScalabilityMode() is wanted: the rest would bring the worker's channel along, 1.4 MB
// that nobody calls.
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const outfile = process.argv[2] ?? join(here, 'dist/remote/local-half.js');
const lib = dirname(createRequire(import.meta.url).resolve('mediasoup'));

const onlyScalabilityMode = {
  name: 'only-scalability-mode',
  setup({ onResolve }) {
    onResolve({ filter: /^mediasoup$/ }, () => ({ path: join(lib, 'scalabilityModesUtils.js') }));
  },
};

await bundle('src/remote/local-half.ts', outfile);
if (process.argv[2] === undefined) await bundle('src/check/parser.ts', join(here, 'dist/check/parser.js'));

async function bundle(entry, outfile) {
  const { metafile } = await build({
    entryPoints: [join(here, entry)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    sourcemap: false,
    metafile: true,
    legalComments: 'none',
    external: ['debug'], // a dependency of the SDK: one copy, so that DEBUG=… reaches both
    plugins: [onlyScalabilityMode],
    // The bundled parts are CommonJS and call `require` for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  });
  writeFileSync(`${outfile}.LICENSES.txt`, `${basename(outfile)} contains parts of these packages.\n\n${noticesOf(metafile).join('\n---\n\n')}`);
}

/** Each bundled package's licence asks that its text goes with every copy. */
function noticesOf({ inputs }) {
  const packages = [...new Set(Object.keys(inputs).flatMap(path => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []))].toSorted();
  return packages.map(folder => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return `${name} ${version} (${license})\n\n${licenceText(folder).trim()}\n`;
  });
}

function licenceText(folder) {
  for (const name of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'License']) {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`${folder} has no licence text to pass on`);
}

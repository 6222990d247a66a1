// Runs in a build stage: one program with all that it imports, so that its image needs no node_modules. One file, and beside it one for
// each part that the program loads when it needs it: a pod never needs the Kubernetes client, which would cost it 40 MB of memory.
//
//   node tools/images/bundle.mjs ENTRY.ts OUT.mjs      and OUT-*.mjs, OUT.mjs.LICENSES.txt beside it
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import * as esbuild from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Takes our own packages from their source, where the package's `exports` name its build: nothing has to be compiled before. */
const fromSource = {
  name: 'from-source',
  setup({ onResolve }) {
    onResolve({ filter: /^@mediacluster\// }, ({ path: specifier }) => {
      const [scope, name, ...rest] = specifier.split('/');
      const folder = fs.realpathSync(path.join(root, 'node_modules', scope, name));
      const { exports } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
      const target = exports[rest.length > 0 ? `./${rest.join('/')}` : '.']?.default;
      if (!target) return { errors: [{ text: `${scope}/${name} does not export "${rest.join('/')}"` }] };
      return { path: path.join(folder, target.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts')) };
    });
  },
};

const [entry, outfile] = process.argv.slice(2);
const { dir, name, ext } = path.parse(path.resolve(outfile));
const { metafile } = await esbuild.build({
  entryPoints: [{ in: entry, out: name }],
  outdir: dir,
  outExtension: { '.js': ext },
  chunkNames: `${name}-[hash]`,
  splitting: true,
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22.19',
  minifySyntax: true,
  keepNames: true, // Class names are in logs and in errors on the wire.
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  plugins: [fromSource],
  // CommonJS parts of the bundle ask for Node's own modules by `require`, and for where they are.
  banner: {
    js: [
      "import { createRequire as bundleCreateRequire } from 'node:module';",
      'const require = bundleCreateRequire(import.meta.url);',
      'const __filename = import.meta.filename;',
      'const __dirname = import.meta.dirname;',
    ].join('\n'),
  },
});
fs.writeFileSync(`${outfile}.LICENSES.txt`, notices(metafile));

/** Nearly every licence asks that its text goes along with each copy. */
function notices({ inputs }) {
  const folders = new Set(Object.keys(inputs).flatMap(file => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []));
  const texts = [...folders].sort().map(folder => {
    const inFolder = path.resolve(root, folder);
    const { name, version, license } = JSON.parse(fs.readFileSync(path.join(inFolder, 'package.json'), 'utf8'));
    const file = fs.readdirSync(inFolder).find(entryName => /^(licen[cs]e|copying)(\.|$)/i.test(entryName));
    return `${name} ${version} (${license ?? 'see its text'})\n\n${file ? fs.readFileSync(path.join(inFolder, file), 'utf8').trim() : 'The package has no text of its licence.'}\n`;
  });
  return `This program contains these packages.\n\n${texts.join('\n---\n\n')}`;
}

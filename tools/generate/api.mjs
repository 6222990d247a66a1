// docs/api/: what each published package offers, entry by entry, as API Extractor reads it from the built declarations. A change of
// what others use shows as a change of these files.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const PACKAGES = ['rope', 'kube', 'client-sdk', 'media-node'];

// The reader's own compiler is older than ours, and reads declarations alone.
const COMPILER_OPTIONS = { target: 'es2022', module: 'nodenext', moduleResolution: 'nodenext', lib: ['es2024', 'esnext'], types: ['node'], skipLibCheck: true, strict: true };

const SELF = fileURLToPath(import.meta.url);

/**
 * Path and content of each report. The packages must have been built. The reader brings a compiler along, so it has a process of its own:
 * under a test runner it would take ten times as long.
 */
export function generate(root) {
  return JSON.parse(execFileSync(process.execPath, [SELF, root], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }));
}

function reports(root) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'api-'));
  try {
    return Object.fromEntries(PACKAGES.flatMap(name => entriesOf(root, name)).map(entry => [`docs/api/${entry.report}.api.md`, report(entry, folder)]));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The entry points of a package that have types. */
function entriesOf(root, name) {
  const project = path.join(root, name);
  const { exports } = JSON.parse(fs.readFileSync(path.join(project, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([, target]) => target.types)
    .map(([entry, { types }]) => ({ project, declarations: path.join(project, types), report: [name, ...entry.split('/').slice(1)].join('.') }));
}

function report({ project, declarations, report }, folder) {
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: path.join(project, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: project,
      mainEntryPointFilePath: declarations,
      compiler: { overrideTsconfig: { compilerOptions: COMPILER_OPTIONS, include: ['dist'] } },
      apiReport: { enabled: true, reportFileName: `${report}.api.md`, reportFolder: folder, reportTempFolder: path.join(folder, 'temp') },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: Object.fromEntries(['compiler', 'extractor', 'tsdoc'].map(kind => [`${kind}MessageReporting`, { default: { logLevel: 'none' } }])),
    },
  });
  const errors = [];
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: message => {
      if (message.logLevel === ExtractorLogLevel.Error) errors.push(message.text);
      message.handled = true;
    },
  });
  if (errors.length > 0) throw new Error(`API Extractor cannot read ${declarations}: ${errors.join('; ')}`);
  return fs.readFileSync(path.join(folder, `${report}.api.md`), 'utf8').replaceAll(/[ \t]+$/gm, '');
}

if (process.argv[1] === SELF) process.stdout.write(JSON.stringify(reports(process.argv[2])));

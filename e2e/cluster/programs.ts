// Builds the programs of a cluster once and keeps them in the user's cache.
//
//   <cache>/kubernetes-1.35.4/kubelet …     what stays, one folder per part and version
//   <cache>/build/{gocache,modules,<part>}  what a build needs (6 GB); dropped when all parts are there,
//                                           kept when it was interrupted, so that the next one goes on from there
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, run } from './command.ts';
import { cacheDir } from './layout.ts';
import { withLock } from './lock.ts';
import { PARTS, goModOf, type Part } from './parts.ts';
import { beginStep, clock } from './progress.ts';

/** Where a program of a part lies. Throws a `TypeError` for a name that no part has. */
export function programPath(program: string): string {
  const part = PARTS.find(({ programs }) => programs.includes(program));
  if (!part) throw new TypeError(`no part of the cluster has a program "${program}"`);
  return join(folderOf(part), program);
}

/** The folder that holds a part's programs. */
export const partDir = (name: string): string => {
  const part = PARTS.find(candidate => candidate.name === name);
  if (!part) throw new TypeError(`the cluster has no part "${name}"`);
  return folderOf(part);
};

/** Whether nothing has to be built. */
export function programsAreBuilt(): boolean {
  return PARTS.every(part => existsSync(folderOf(part)));
}

/** Builds the parts that are not in the cache, with progress on stderr. Two processes at once build once. */
export async function buildPrograms(): Promise<void> {
  if (programsAreBuilt()) return;
  await withLock(join(cacheDir(), 'build.lock'), async () => {
    const missing = PARTS.filter(part => !existsSync(folderOf(part))); // Anew: the holder before us has built some or all.
    const seconds = missing.reduce((sum, part) => sum + part.coldBuildSeconds, 0);
    if (missing.length > 0) process.stderr.write(`building the programs of a Kubernetes cluster, once: about ${clock(seconds)} min on two cores\n`);
    for (const part of missing) await buildPart(part);
    await dropBuildFolder();
  }, () => process.stderr.write('another command is building the programs of the cluster; waiting for it\n'));
}

async function buildPart(part: Part): Promise<void> {
  const progress = beginStep(`building ${part.name} ${part.version}: ${part.programs.join(', ')}`, `about ${clock(part.coldBuildSeconds)} min`);
  const folder = join(buildDir(), part.name);
  const output = `${folderOf(part)}.partial`;
  await rm(output, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await mkdir(output, { recursive: true });
  const go = goIn(folder);

  progress.update('fetching sources');
  const { GoMod } = JSON.parse(await go(['mod', 'download', '-json', `${part.module}@v${part.version}`])) as { GoMod: string };
  await writeFile(join(folder, 'go.mod'), goModOf(part, await readFile(GoMod, 'utf8')));
  const flags = ['-trimpath', ...(part.tags ? ['-tags', part.tags.join(',')] : [])];
  const total = (await go(['list', ...flags, '-deps', ...part.packages])).trim().split('\n').length;

  const variables = Object.entries(part.linkerValues ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  let compiled = 0;
  // -v says each package as it is compiled; packages still in the build's cache stay silent.
  await go(['build', '-v', ...flags, '-ldflags', ['-s', '-w', ...variables].join(' '), '-o', `${output}/`, ...part.packages], line => {
    if (!line.startsWith('go: ')) progress.update(`${++compiled} of ${total} packages`);
  });
  // "…/server/v3" would make a program "v3" or "server", as the Go in use pleases; the part knows its name.
  await nameSingleProgram(part, output);
  await rm(folderOf(part), { recursive: true, force: true });
  await rename(output, folderOf(part));
  progress.done();
}

async function nameSingleProgram(part: Part, output: string): Promise<void> {
  const made = await readdir(output);
  const [program] = part.programs;
  if (part.programs.length === 1 && made.length === 1 && made[0] !== program) await rename(join(output, made[0]!), join(output, program!));
  const missing = part.programs.filter(name => !existsSync(join(output, name)));
  if (missing.length > 0) throw new Error(`the build of ${part.name} made ${made.join(', ')}, but no ${missing.join(', ')}`);
}

function goIn(folder: string): (args: string[], onStderrLine?: (line: string) => void) => Promise<string> {
  const env = {
    // Own caches, so that the user's are neither filled with 6 GB nor needed; -mod=mod lets the throw-away go.mod complete itself.
    GOCACHE: join(buildDir(), 'gocache'), GOMODCACHE: join(buildDir(), 'modules'), GOWORK: 'off', GOFLAGS: '-mod=mod -buildvcs=false', CGO_ENABLED: '0',
  };
  return async (args, onStderrLine) => {
    try {
      return await run('go', args, { cwd: folder, env, ...(onStderrLine && { onStderrLine }) });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new Error(`go could not build a part of the cluster in ${folder}; run the command again to go on from there`, { cause: error });
    }
  };
}

async function dropBuildFolder(): Promise<void> {
  if (!existsSync(buildDir())) return;
  // Go's modules are read-only on purpose, which stops a plain removal for anybody but root.
  await goIn(cacheDir())(['clean', '-modcache']);
  await rm(buildDir(), { recursive: true, force: true });
}

const buildDir = (): string => join(cacheDir(), 'build');
const folderOf = (part: Part): string => join(cacheDir(), `${part.name}-${part.version}`);

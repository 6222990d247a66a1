// Whether this machine can hold a cluster at all. Everything asked here is cheap; nothing is changed for good.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { hierarchies } from './cgroups.ts';
import { CLUSTER_PROGRAMS, installCommand, missingPrograms } from './debian.ts';
import { GO_VERSION } from './parts.ts';
import { programsAreBuilt } from './programs.ts';

/** Why no cluster can be started on this machine, in a few words, or `undefined` when one can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return `a cluster needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'a cluster needs root: it makes network namespaces and mounts';
  const missing = missingPrograms(CLUSTER_PROGRAMS);
  if (missing.length > 0 && !existsSync('/usr/bin/apt-get')) return `these programs are missing: ${missing.join(', ')} (on Debian: ${installCommand(missing)})`;
  return whyNoPrograms() ?? whyNoNamespaces() ?? whyNoCgroups();
}

function whyNoPrograms(): string | undefined {
  if (programsAreBuilt()) return undefined;
  const { stdout, error } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  if (error) return `Go ${GO_VERSION} or newer is needed once, to build Kubernetes, and is not on the PATH`;
  const version = /^go(\d+)\.(\d+)/.exec(stdout);
  const [major, minor] = GO_VERSION.split('.').map(Number);
  if (version && Number(version[1]) === major && Number(version[2]) < minor!) return `Go ${GO_VERSION} or newer is needed once, to build Kubernetes; here is ${stdout.trim()}`;
  return undefined;
}

function whyNoNamespaces(): string | undefined {
  try {
    execFileSync('unshare', ['--net', '--mount', '--uts', '--ipc', '--pid', '--fork', '--mount-proc', 'true'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `this machine gives no new namespaces: ${(error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1)}`;
  }
}

function whyNoCgroups(): string | undefined {
  const trees = hierarchies();
  if (trees.length === 0) return 'there are no cgroups at /sys/fs/cgroup';
  try {
    for (const tree of trees) {
      const probe = join(tree, `mc-probe-${process.pid}`);
      mkdirSync(probe);
      rmdirSync(probe);
    }
    return undefined;
  } catch (error) {
    return `cgroups cannot be made: ${error instanceof Error ? error.message : String(error)}`;
  }
}

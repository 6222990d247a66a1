// Ends a cluster and looks whether anything of it is left, from its name alone: it works the same after a clean stop,
// a crash, a kill -9 and for a cluster that never was.
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { cgroupsOf, removeCgroups } from './cgroups.ts';
import { run } from './command.ts';
import { endControlPlane } from './control-plane.ts';
import { endProcesses, processesOf } from './daemon.ts';
import { layoutOf } from './layout.ts';
import { filterRulesOf, linksOf, removeNetwork } from './network.ts';

/** Ends everything of a cluster: nodes, control plane (in its order), network, cgroups, files. Logs stay. Goes on after an error and throws all of them at the end. */
export async function removeCluster(name: string): Promise<void> {
  const errors: unknown[] = [];
  const step = (work: () => Promise<void>) => work().catch((error: unknown) => { errors.push(error); });
  await step(() => endProcesses(name, part => /^kube-\d+$/.test(part)));
  await step(() => endControlPlane(name));
  await step(() => endProcesses(name, () => true)); // Whatever bears the mark under another name.
  await step(() => removeNetwork(name));
  await step(() => removeCgroups(name));
  await step(async () => {
    for (const mount of mountsOf(name)) await run('umount', ['--lazy', mount]);
  });
  // Not while something is mounted below it: that would empty somebody else's folder.
  if (mountsOf(name).length === 0) await step(() => rm(runDirOf(name), { recursive: true, force: true }));
  if (errors.length > 0) throw new AggregateError(errors, `cluster ${name} could not be removed in full: ${errors.map(error => (error instanceof Error ? error.message : String(error))).join('; ')}`);
}

/** Everything on this machine that belongs to a cluster, a line each: processes, interfaces, packet filter rules, cgroups, mounts, files. Empty after its end. */
export async function leftovers(name: string): Promise<string[]> {
  const runDir = runDirOf(name);
  return [
    ...processesOf(name).map(({ pid, part, command }) => `process ${pid} of ${part}: ${command}`),
    ...linksOf(name).map(link => `interface ${link}`),
    ...(await filterRulesOf(name)).map(rule => `packet filter rule ${rule}`),
    ...cgroupsOf(name).map(folder => `cgroup ${folder}`),
    ...mountsOf(name).map(mount => `mount ${mount}`),
    // No network namespace has a name or a mount: each lives as long as a process in it, and those are listed above.
    ...(existsSync(runDir) ? [`folder ${runDir}`] : []),
  ];
}

/** Mounts in the root namespace below the cluster's folder, the innermost first. There are none unless something went very wrong. */
function mountsOf(name: string): string[] {
  const points = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').map(line => line.split(' ')[4] ?? '');
  return points.filter(point => point === runDirOf(name) || point.startsWith(`${runDirOf(name)}/`)).toReversed();
}

// Its folder depends on its name alone; subnet and nodes stand for whatever they were.
const runDirOf = (name: string): string => layoutOf(name, 1, 1).runDir;

// The wire between the nodes: one bridge in the root namespace, one cable to each node, routes to the nodes' pods.
// All is found again by the names in layout.ts; no sysctl of the root namespace is changed.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { run } from './command.ts';
import { missingPrograms } from './debian.ts';
import { bridgeOf, cableOf, type KubeNode, type Layout } from './layout.ts';
import { until } from './poll.ts';

/** Makes the bridge and the root namespace's routes to the pods. */
export async function makeBridge(layout: Layout): Promise<void> {
  const bridge = bridgeOf(layout.name);
  await ip([
    `link add ${bridge} type bridge`,
    `address add ${layout.gateway}/24 dev ${bridge}`,
    `link set ${bridge} up`,
    ...layout.nodes.map(({ address, podCidr }) => `route add ${podCidr} via ${address} dev ${bridge}`),
  ]);
  if (await bridgedTrafficIsDropped()) await run('iptables', ['-w', '-I', 'FORWARD', ...ruleOf(layout.name)]);
}

/** Lays a cable from the bridge into the network namespace of a process, where its end is `eth0`. */
export async function plugIn(layout: Layout, node: KubeNode, pid: number): Promise<void> {
  const cable = cableOf(layout.name, node.name);
  await ip([
    `link add ${cable} type veth peer name eth0 netns ${pid}`,
    `link set ${cable} master ${bridgeOf(layout.name)} up`,
  ]);
}

/** Takes a node's cable away. The kernel does it too once the namespace is gone, but in its own time. */
export async function unplug(cluster: string, node: string): Promise<void> {
  await removeLink(cableOf(cluster, node));
}

/** The interfaces of a cluster that exist in the root namespace. */
export function linksOf(cluster: string): string[] {
  return readdirSync('/sys/class/net').filter(link => link === bridgeOf(cluster) || link.startsWith(`${bridgeOf(cluster)}-`));
}

/** Removes all interfaces and rules of a cluster. Safe to call when there are none. */
export async function removeNetwork(cluster: string): Promise<void> {
  for (const link of linksOf(cluster)) await removeLink(link);
  // Only when it is listed: a mere try to delete would leave iptables' empty tables on a machine that had none.
  while ((await filterRulesOf(cluster)).length > 0) await run('iptables', ['-w', '-D', 'FORWARD', ...ruleOf(cluster)]);
}

/** Rules of the root namespace's packet filter that name a cluster. Those of nodes and pods go with their namespaces. */
export async function filterRulesOf(cluster: string): Promise<string[]> {
  const link = bridgeOf(cluster);
  return (await iptablesRules()).split('\n').filter(rule => rule.split(' ').some(word => word === link || word.startsWith(`${link}-`)));
}

// Where Docker runs, bridged packets pass iptables, whose FORWARD chain drops what is not Docker's.
async function bridgedTrafficIsDropped(): Promise<boolean> {
  const switchFile = '/proc/sys/net/bridge/bridge-nf-call-iptables'; // Absent where the module is not loaded.
  if (!existsSync(switchFile) || readFileSync(switchFile, 'utf8').trim() !== '1') return false;
  return (await iptablesRules()).includes(':FORWARD DROP');
}

// iptables-save, since it alone reads without making empty tables. A machine without it has no rules of ours either.
async function iptablesRules(): Promise<string> {
  return missingPrograms(['iptables']).length > 0 ? '' : run('iptables-save', []);
}

const ruleOf = (cluster: string): string[] => ['-i', bridgeOf(cluster), '-o', bridgeOf(cluster), '-j', 'ACCEPT'];

async function removeLink(link: string): Promise<void> {
  const gone = () => !readdirSync('/sys/class/net').includes(link);
  // It may vanish by itself between the look and the command.
  await until(`the end of interface ${link}`, async () => gone() || (await run('ip', ['link', 'delete', link]).catch(() => {}), gone()), { timeoutMs: 10_000 });
}

async function ip(commands: readonly string[]): Promise<void> {
  await run('ip', ['-batch', '-'], { input: `${commands.join('\n')}\n` });
}

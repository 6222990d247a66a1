// The wire between the nodes: one bridge in the root namespace, one cable to each node, routes to the nodes' pods.
// All is found again by the names in layout.ts; no sysctl of the root namespace is changed.
import { readFileSync, readdirSync } from 'node:fs';
import { run } from './command.ts';
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
  if (bridgedTrafficIsFiltered()) await run('iptables', ['-w', '-I', 'FORWARD', ...ruleOf(layout.name)]);
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
  // One rule for each start that did not come to its end; iptables fails when there is none left.
  while (await run('iptables', ['-w', '-D', 'FORWARD', ...ruleOf(cluster)]).then(() => true, () => false));
}

/** Lines of the packet filter, in its old and new form, that name a cluster. */
export async function filterRulesOf(cluster: string): Promise<string[]> {
  const texts = await Promise.all([run('nft', ['list', 'ruleset']), run('iptables-save', [])].map(text => text.catch(() => '')));
  return texts.join('\n').split('\n').filter(line => line.includes(`"${bridgeOf(cluster)}`) || line.includes(` ${bridgeOf(cluster)} `)).map(line => line.trim());
}

// Where Docker runs, bridged packets pass iptables, whose FORWARD chain then drops what is not Docker's.
function bridgedTrafficIsFiltered(): boolean {
  try {
    return readFileSync('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8').trim() === '1';
  } catch {
    return false; // The module is not loaded.
  }
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

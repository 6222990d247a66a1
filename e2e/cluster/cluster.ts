// A Kubernetes of real nodes on this machine.
//
//   programs ─▶ keys ─▶ bridge ─▶ control plane ┐
//                          └────▶ nodes ────────┴─▶ Ready
//
// One lock per cluster orders start and end; a guard process takes it down when we die (guard.ts).
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { nodeStatus } from './api.ts';
import { run, type CommandOptions } from './command.ts';
import { startControlPlane } from './control-plane.ts';
import { processesOf } from './daemon.ts';
import { CLUSTER_PROGRAMS, ensurePrograms } from './debian.ts';
import { clusterLock, setGuard, type Guard } from './guard.ts';
import { bootNode, endNode, loadImage, nodeRuns, runInNode, waitUntilReady, type BootedNode } from './kube-node.ts';
import { CLUSTERS, layoutOf, type KubeNode, type Layout } from './layout.ts';
import { withLock } from './lock.ts';
import { makeBridge } from './network.ts';
import { pauseArchive } from './pause-image.ts';
import { makePki } from './pki.ts';
import { buildPrograms, programPath } from './programs.ts';
import { removeCluster } from './teardown.ts';
import { whyNot } from './why-not.ts';

/** What a cluster may be asked to be. */
export interface ClusterOptions {
  /** Default `e2e`. At most one cluster of a name runs at a time. */
  name?: string;
  /** Default 2. */
  nodes?: number;
  /** Third number of its addresses, 1 to 254; by default each name in `CLUSTERS` has its own. */
  subnet?: number;
  /** Hears what happens, a line at a time. Default: stderr. */
  log?: (line: string) => void;
}

/** What `cluster.json` holds: enough to find a running cluster again. */
interface State {
  name: string;
  subnet: number;
  nodes: number;
  /** The process that takes it down with itself; absent when it was left running. */
  owner?: number;
}

/** A running cluster. */
export class Cluster {
  readonly name: string;
  /** Path of the admin's kubeconfig. */
  readonly kubeconfig: string;
  readonly nodes: readonly KubeNode[];
  /** This machine's address on the cluster's bridge, as pods and nodes see it. */
  readonly gateway: string;
  /** Folder with `kubectl` and `helm`. */
  readonly binDir: string;
  /** One file per program, a folder per node. */
  readonly logDir: string;
  readonly #layout: Layout;
  #guard: Guard | undefined;
  #unhook = (): void => {};

  /** Use {@link startCluster} or {@link openCluster}. */
  constructor(layout: Layout, guard?: Guard) {
    this.#layout = layout;
    this.#guard = guard;
    this.name = layout.name;
    this.kubeconfig = layout.kubeconfig;
    this.nodes = layout.nodes;
    this.gateway = layout.gateway;
    this.logDir = layout.logDir;
    this.binDir = join(layout.runDir, 'bin');
    if (guard) this.#stopOnSignal();
  }

  /** What a program needs in its environment to use this cluster and no other, without touching the user's own files. */
  get env(): Record<string, string> {
    const own = (folder: string) => join(this.#layout.runDir, 'home', folder);
    return {
      KUBECONFIG: this.kubeconfig,
      KUBECACHEDIR: own('kube-cache'), HELM_CACHE_HOME: own('helm-cache'), HELM_CONFIG_HOME: own('helm-config'), HELM_DATA_HOME: own('helm-data'),
      PATH: `${this.binDir}:${process.env['PATH'] ?? ''}`,
    };
  }

  /** Runs kubectl against this cluster; resolves with its output, throws `CommandError`. */
  kubectl(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    return run(programPath('kubectl'), args, { ...options, env: { ...this.env, ...options.env } });
  }

  /** Runs helm against this cluster; resolves with its output, throws `CommandError`. */
  helm(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    return run(programPath('helm'), args, { ...options, env: { ...this.env, ...options.env } });
  }

  /** Loads an image archive (OCI or Docker) into every node. All nodes must run. */
  async loadImage(archive: string): Promise<void> {
    await Promise.all(this.nodes.map(({ name }) => loadImage(this.name, name, resolve(archive))));
  }

  /** Ends a node as a power cut does: no program in it hears a word. Kubernetes notices after 20 s. Safe to call twice. */
  async crashNode(name: string): Promise<void> {
    await endNode(this.name, this.#node(name).name);
  }

  /** Starts a node that crashed, with the disk it had; resolves when it is Ready. */
  async startNode(name: string): Promise<void> {
    const node = this.#node(name);
    if (nodeRuns(this.name, name)) throw new Error(`node ${name} runs already [cluster ${this.name}]`);
    const before = await nodeStatus(this.#layout, name);
    const booted = await bootNode(this.#layout, node);
    booted.join();
    await waitUntilReady(this.#layout, name, before?.heartbeat);
  }

  /** Runs a program in a node's namespaces, as root: a look at its interfaces, its packet filter, its containers. */
  runInNode(name: string, command: readonly string[]): Promise<string> {
    return runInNode(this.name, this.#node(name).name, command);
  }

  /** Leaves the cluster running when this process ends. */
  async release(): Promise<void> {
    this.#unhook();
    await writeState(this.#layout, false);
    await this.#guard?.dismiss();
    this.#guard = undefined;
  }

  /** Ends everything and removes it; logs stay until the next start. Safe to call twice. */
  async stop(): Promise<void> {
    this.#unhook();
    await withLock(clusterLock(this.name), () => removeCluster(this.name));
    await this.#guard?.dismiss();
    this.#guard = undefined;
  }

  #node(name: string): KubeNode {
    const node = this.nodes.find(candidate => candidate.name === name);
    if (!node) throw new TypeError(`cluster ${this.name} has no node "${name}", only ${this.nodes.map(each => each.name).join(', ')}`);
    return node;
  }

  // The guard would do it too, but then the terminal's prompt would be back before the cluster is gone.
  #stopOnSignal(): void {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const handlers = signals.map(signal => {
      const handler = () => {
        process.stderr.write(`stopping cluster ${this.name} …\n`);
        void this.stop().finally(() => process.kill(process.pid, signal));
      };
      process.once(signal, handler);
      return () => { process.off(signal, handler); };
    });
    this.#unhook = () => handlers.forEach(remove => remove());
  }
}

/** Starts a cluster and resolves when all its nodes are Ready. It ends with this process, in whatever way that ends. Throws where {@link whyNot} gives a reason. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const reason = whyNot();
  if (reason !== undefined) throw new Error(reason);
  const name = options.name ?? 'e2e';
  const subnet = options.subnet ?? (CLUSTERS as Record<string, number>)[name];
  if (subnet === undefined) throw new TypeError(`cluster "${name}" needs a subnet`);
  const layout = layoutOf(name, subnet, options.nodes ?? 2);
  const log = options.log ?? (line => process.stderr.write(`${line}\n`));

  await ensurePrograms(CLUSTER_PROGRAMS);
  await buildPrograms();
  const archive = await pauseArchive();
  return withLock(clusterLock(name), async () => {
    const running = readState(layout);
    if (running && isAlive(running)) throw new Error(`cluster ${name} runs already${running.owner ? `, started by process ${running.owner}` : ''}`);
    await removeCluster(name); // What a crash of this machine or of the guard may have left.
    await rm(layout.logDir, { recursive: true, force: true });
    const cluster = new Cluster(layout, await setGuard(name, join(layout.logDir, 'guard.log')));
    try {
      await bringUp(layout, archive, log);
      return cluster;
    } catch (error) {
      // Not cluster.stop(): the lock is ours already.
      await removeCluster(name).catch((second: unknown) => log(String(second)));
      await cluster.release();
      throw new Error(`cluster ${name} did not start: ${error instanceof Error ? error.message : String(error)}\nits logs: ${layout.logDir}`, { cause: error });
    }
  });
}

/** A cluster that was left running, or `undefined` when none of that name runs. */
export function openCluster(name: string): Cluster | undefined {
  const state = readState(layoutOf(name, 1, 1));
  return state && isAlive(state) ? new Cluster(layoutOf(name, state.subnet, state.nodes)) : undefined;
}

async function bringUp(layout: Layout, archive: string, log: (line: string) => void): Promise<void> {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  log(`starting cluster ${layout.name}: a control plane and ${layout.nodes.length} nodes`);
  await mkdir(join(layout.runDir, 'bin'), { recursive: true, mode: 0o700 });
  await writeState(layout, true);
  for (const program of ['kubectl', 'helm']) await symlink(programPath(program), join(layout.runDir, 'bin', program));
  await makePki(layout);
  await makeBridge(layout);
  const [booted] = await Promise.all([
    Promise.all(layout.nodes.map(node => bootWithPause(layout, node, archive))),
    startControlPlane(layout).then(() => log(`  control plane answers after ${seconds()}`)),
  ]);
  for (const node of booted) node.join();
  await Promise.all(layout.nodes.map(({ name }) => waitUntilReady(layout, name)));
  log(`  all nodes Ready after ${seconds()}`);
}

async function bootWithPause(layout: Layout, node: KubeNode, archive: string): Promise<BootedNode> {
  const booted = await bootNode(layout, node);
  await loadImage(layout.name, node.name, archive);
  return booted;
}

async function writeState(layout: Layout, owned: boolean): Promise<void> {
  if (!existsSync(layout.runDir)) return; // It was removed before it was released.
  const state: State = { name: layout.name, subnet: layout.subnet, nodes: layout.nodes.length, ...(owned && { owner: process.pid }) };
  await writeFile(layout.stateFile, `${JSON.stringify(state)}\n`);
}

function readState(layout: Layout): State | undefined {
  try {
    return JSON.parse(readFileSync(layout.stateFile, 'utf8')) as State;
  } catch {
    return undefined; // No file, or half a file of a start that was cut off: either way no cluster.
  }
}

/** A cluster without its API server is a wreck; one whose owner is gone is about to be removed by its guard. */
function isAlive({ name, owner }: State): boolean {
  if (owner !== undefined && !existsSync(`/proc/${owner}`)) return false;
  return processesOf(name).some(({ part }) => part === 'kube-apiserver');
}

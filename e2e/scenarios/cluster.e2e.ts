// The cluster checks itself: what every other scenario takes for granted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { API_SERVICE_ADDRESS, leftovers, startCluster, until, whyNot, type Cluster } from '../cluster/index.ts';
import { PAUSE_IMAGE } from '../cluster/node-config.ts';
import { partDir } from '../cluster/programs.ts';
import { ECHO_PORT, askFromHere, askFromPod, echoPod } from './echo-pod.ts';

const COLD_BUILD_MS = 40 * 60_000; // 9 min on two idle cores, more beside other work.
const reason = whyNot();
if (reason !== undefined) process.stderr.write(`skipped: ${reason}\n`);

(reason === undefined ? describe : describe.skip)('a cluster on this machine', () => {
  let cluster: Cluster;
  const podIp = (pod: string) => cluster.kubectl(['get', 'pod', pod, '-o', 'jsonpath={.status.podIP}']);
  const kubectlIn = partDir('kubernetes');

  beforeAll(async () => {
    cluster = await startCluster({ name: 'self', subnet: 80 }); // Beside one that another run of the scenarios may have.
    const pods = cluster.nodes.map(({ name }) => echoPod(`echo-on-${name}`, name, PAUSE_IMAGE, kubectlIn));
    const nodePort = {
      apiVersion: 'v1', kind: 'Service', metadata: { name: 'echo' },
      spec: { type: 'NodePort', selector: { app: 'echo' }, ports: [{ port: ECHO_PORT, protocol: 'UDP', nodePort: 30_077 }] },
    };
    await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...pods, nodePort] }) });
    await cluster.kubectl(['wait', '--for=condition=Ready', 'pod', '-l', 'app=echo', '--timeout=60s']);
  }, COLD_BUILD_MS);

  afterAll(() => cluster?.stop());

  test('has two nodes that are Ready, each with its own address', async () => {
    const nodes = await cluster.kubectl(['get', 'nodes', '-o', 'jsonpath={range .items[*]}{.metadata.name} {.status.addresses[?(@.type=="InternalIP")].address} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}']);
    expect(nodes).toBe('kube-1 172.31.80.11 True\nkube-2 172.31.80.12 True\n');
  });

  test('lets pods on two nodes reach each other under the addresses they see of themselves', async () => {
    const answer = await cluster.kubectl(['exec', 'echo-on-kube-1', '--', ...askFromPod(await podIp('echo-on-kube-2'), ECHO_PORT, 'hello')]);
    expect(answer).toBe('echo-on-kube-2: hello');
    const back = await cluster.kubectl(['exec', 'echo-on-kube-2', '--', ...askFromPod(await podIp('echo-on-kube-1'), ECHO_PORT, 'hello')]);
    expect(back).toBe('echo-on-kube-1: hello');
  });

  test('lets this machine reach pods, hostPorts and NodePorts over UDP', async () => {
    for (const { name, address } of cluster.nodes) {
      expect(await askFromHere(await podIp(`echo-on-${name}`), ECHO_PORT, 'pod')).toBe(`echo-on-${name}: pod`);
      expect(await askFromHere(address, ECHO_PORT, 'hostPort')).toBe(`echo-on-${name}: hostPort`);
      expect(await askFromHere(address, 30_077, 'NodePort')).toMatch(/^echo-on-kube-[12]: NodePort$/);
    }
  });

  test('lets a pod use its own account at the API server\'s service address', async () => {
    const who = await cluster.kubectl(['exec', 'echo-on-kube-2', '--', join(kubectlIn, 'kubectl'), 'auth', 'whoami', '-v=6', '-o', 'jsonpath={.status.userInfo.username}'], { onStderrLine: line => asked.push(line) });
    expect(who).toBe('system:serviceaccount:default:default');
    expect(asked.join('\n')).toContain(`https://${API_SERVICE_ADDRESS}:443/`);
  });
  const asked: string[] = [];

  test('loses a node as by a power cut, and gets it back with its disk and its pods', async () => {
    const ready = () => cluster.kubectl(['get', 'node', 'kube-2', '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}']);
    const address = await podIp('echo-on-kube-2');
    await cluster.crashNode('kube-2');
    await expect(askFromHere(address, ECHO_PORT, 'anybody there?', 500)).rejects.toThrow();
    await until('the loss is noticed', async () => (await ready()) === 'Unknown', { timeoutMs: 40_000, everyMs: 500 });

    await cluster.startNode('kube-2');
    expect(await ready()).toBe('True');
    await until('its pod answers', async () => (await askFromHere(await podIp('echo-on-kube-2'), ECHO_PORT, 'back', 500)) === 'echo-on-kube-2: back', { timeoutMs: 60_000 });
  });

  test('leaves nothing behind when it is stopped', async () => {
    expect((await leftovers('self')).length).toBeGreaterThan(0); // The check sees what is there.
    await cluster.stop();
    expect(await leftovers('self')).toEqual([]);
  });

  test('leaves nothing behind when its owner is killed, in the middle of the start and after it', async () => {
    for (const word of ['control plane answers', 'Ready after']) {
      const owner = spawn(process.execPath, [join(import.meta.dirname, '../cluster/cli.ts'), 'run', '--name', 'orphan', '--nodes', '1'], { stdio: ['ignore', 'ignore', 'pipe'] });
      const ended = once(owner, 'close');
      const lines = createInterface({ input: owner.stderr });
      for await (const line of lines) if (line.includes(word)) owner.kill('SIGKILL');
      await ended;
      await until('the guard has done its work', async () => (await leftovers('orphan')).length === 0, { timeoutMs: 60_000 });
    }
  }, 300_000); // Two starts and two ends; twice 10 s on an idle machine.
});

// etcd, API server, controller manager, scheduler: plain processes of the root namespaces, all listening on the cluster's bridge.
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { ask } from './api.ts';
import { endProcesses, startDaemon } from './daemon.ts';
import { SERVICE_CIDR, type Layout } from './layout.ts';
import { kubeconfigOf, pkiDir } from './pki.ts';
import { until } from './poll.ts';
import { programPath } from './programs.ts';

/** In the order in which they must end: an API server that outlives its etcd ignores SIGTERM. */
const END_ORDER = ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd'];
const GRACE_MS = 10_000;

/** Starts the control plane and resolves when the API server answers. */
export async function startControlPlane(layout: Layout): Promise<void> {
  const etcd = start(layout, 'etcd', etcdFlags(layout));
  const server = start(layout, 'kube-apiserver', apiServerFlags(layout));
  await until('the API server answers', async () => (await ask(layout, '/readyz')) === 'ok', { timeoutMs: 90_000, orFail: () => [etcd, server].forEach(mustLive) });
  const rest = ['kube-controller-manager', 'kube-scheduler'].map(program => start(layout, program, flagsOf(layout, program)));
  // Pods are refused until the namespace has its account, which shows that the controllers work.
  await until('the controllers work', () => ask(layout, '/api/v1/namespaces/default/serviceaccounts/default'), { timeoutMs: 60_000, orFail: () => rest.forEach(mustLive) });
}

/** Ends the control plane. Safe to call when it does not run. */
export async function endControlPlane(cluster: string): Promise<void> {
  for (const program of END_ORDER) await endProcesses(cluster, part => part === program, GRACE_MS);
}

function start(layout: Layout, program: string, flags: readonly string[]): ChildProcess {
  return startDaemon(layout.name, program, programPath(program), flags, join(layout.logDir, `${program}.log`));
}

function mustLive(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode ?? child.signalCode}`);
}

function etcdFlags(layout: Layout): string[] {
  // With client certificates even here: who may write to etcd is root on this machine, and the port is open to every local user.
  const files = (kind: string) => [`--${kind}cert-file=${key(layout, 'etcd.crt')}`, `--${kind}key-file=${key(layout, 'etcd.key')}`, `--${kind}trusted-ca-file=${key(layout, 'ca.crt')}`, `--${kind}client-cert-auth`];
  return [
    `--name=${layout.name}`, `--data-dir=${join(layout.runDir, 'etcd')}`, '--unsafe-no-fsync', '--log-level=warn',
    `--listen-client-urls=${etcdUrl(layout, 2379)}`, `--advertise-client-urls=${etcdUrl(layout, 2379)}`,
    `--listen-peer-urls=${etcdUrl(layout, 2380)}`, `--initial-advertise-peer-urls=${etcdUrl(layout, 2380)}`, `--initial-cluster=${layout.name}=${etcdUrl(layout, 2380)}`,
    ...files(''), ...files('peer-'),
  ];
}

function apiServerFlags(layout: Layout): string[] {
  return [
    `--etcd-servers=${etcdUrl(layout, 2379)}`, `--etcd-cafile=${key(layout, 'ca.crt')}`, `--etcd-certfile=${key(layout, 'etcd.crt')}`, `--etcd-keyfile=${key(layout, 'etcd.key')}`,
    `--bind-address=${layout.gateway}`, `--advertise-address=${layout.gateway}`, '--secure-port=6443',
    `--tls-cert-file=${key(layout, 'kube-apiserver.crt')}`, `--tls-private-key-file=${key(layout, 'kube-apiserver.key')}`, `--client-ca-file=${key(layout, 'ca.crt')}`,
    `--service-cluster-ip-range=${SERVICE_CIDR}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${key(layout, 'service-account.pub')}`, `--service-account-signing-key-file=${key(layout, 'service-account.key')}`,
    `--kubelet-client-certificate=${key(layout, 'kubelet-client.crt')}`, `--kubelet-client-key=${key(layout, 'kubelet-client.key')}`, `--kubelet-certificate-authority=${key(layout, 'ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP', // The nodes' names are in no DNS; exec and logs would look them up.
    '--authorization-mode=Node,RBAC', '--enable-admission-plugins=NodeRestriction', '--allow-privileged=true', '--profiling=false',
  ];
}

function flagsOf(layout: Layout, program: string): string[] {
  const kubeconfig = kubeconfigOf(layout, program);
  const common = [
    `--kubeconfig=${kubeconfig}`, `--authentication-kubeconfig=${kubeconfig}`, `--authorization-kubeconfig=${kubeconfig}`,
    `--bind-address=${layout.gateway}`, '--leader-elect=false', '--profiling=false',
  ];
  if (program === 'kube-scheduler') return common;
  return [
    ...common,
    `--root-ca-file=${key(layout, 'ca.crt')}`, `--service-account-private-key-file=${key(layout, 'service-account.key')}`, '--use-service-account-credentials=true',
    '--allocate-node-cidrs=false',
    // A lost node shows after 20 s rather than 50, so that tests need not wait for it; the nodes report every 4 s (kubelet's config).
    '--node-monitor-grace-period=20s', '--node-monitor-period=2s',
  ];
}

const etcdUrl = (layout: Layout, port: number): string => `https://${layout.gateway}:${port}`;
const key = (layout: Layout, file: string): string => join(pkiDir(layout), file);

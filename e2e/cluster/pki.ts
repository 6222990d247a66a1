// The keys of a cluster: one authority, one certificate per program, made anew at each start by openssl.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { API_SERVICE_ADDRESS, type Layout } from './layout.ts';

/** Who a certificate is for: `organisation` is its group in Kubernetes, `commonName` its user. */
interface Subject {
  file: string;
  commonName: string;
  organisation?: string;
  /** Names and addresses it answers under; without them it is for a client only. */
  serves?: readonly string[];
}

/** The folder with `ca.crt` and, per program, `NAME.crt` and `NAME.key`. */
export const pkiDir = (layout: Layout): string => join(layout.runDir, 'pki');

/** Certificates of this cluster live as long as a contributor may keep it up. */
const VALID_DAYS = 30;

/** Makes all keys and the kubeconfigs of all programs and of the admin. */
export async function makePki(layout: Layout): Promise<void> {
  const dir = pkiDir(layout);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  // openssl's own config marks every self-signed certificate as an authority; this one has no extensions of its own.
  await writeFile(join(dir, 'openssl.cnf'), '[req]\ndistinguished_name = dn\n[dn]\n');
  await certify(dir, ['-subj', `/CN=${layout.name} cluster`, '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'], 'ca');
  await run('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', join(dir, 'service-account.key')]);
  await run('openssl', ['pkey', '-in', join(dir, 'service-account.key'), '-pubout', '-out', join(dir, 'service-account.pub')]);
  await Promise.all(subjectsOf(layout).map(subject => issue(dir, subject)));

  const clients = subjectsOf(layout).filter(({ serves }) => !serves);
  await Promise.all(clients.map(({ file, commonName }) => writeKubeconfig(layout, file, commonName)));
  await writeFile(layout.kubeconfig, await readFile(kubeconfigOf(layout, 'admin')), { mode: 0o600 });
}

/** The kubeconfig of one program, or of `admin`. */
export const kubeconfigOf = (layout: Layout, client: string): string => join(pkiDir(layout), `${client}.kubeconfig`);

function subjectsOf(layout: Layout): Subject[] {
  const masters = 'system:masters';
  return [
    { file: 'kube-apiserver', commonName: 'kube-apiserver', serves: ['127.0.0.1', layout.gateway, API_SERVICE_ADDRESS, 'localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'] },
    { file: 'etcd', commonName: 'etcd', serves: ['127.0.0.1', layout.gateway] },
    { file: 'admin', commonName: 'admin', organisation: masters },
    { file: 'kubelet-client', commonName: 'kube-apiserver', organisation: masters },
    { file: 'kube-controller-manager', commonName: 'system:kube-controller-manager' },
    { file: 'kube-scheduler', commonName: 'system:kube-scheduler' },
    { file: 'kube-proxy', commonName: 'system:kube-proxy' },
    ...layout.nodes.flatMap(({ name, address }): Subject[] => [
      { file: name, commonName: `system:node:${name}`, organisation: 'system:nodes' },
      { file: `${name}-serving`, commonName: `system:node:${name}`, organisation: 'system:nodes', serves: [name, address] },
    ]),
  ];
}

async function issue(dir: string, { file, commonName, organisation, serves }: Subject): Promise<void> {
  const names = serves?.map(name => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`));
  await certify(dir, [
    '-CA', join(dir, 'ca.crt'), '-CAkey', join(dir, 'ca.key'),
    '-subj', `${organisation ? `/O=${organisation}` : ''}/CN=${commonName}`,
    '-addext', 'basicConstraints=critical,CA:FALSE',
    // etcd's gateway talks to its own server with the serving certificate, hence both uses.
    '-addext', `extendedKeyUsage=${names ? 'serverAuth,clientAuth' : 'clientAuth'}`,
    ...(names ? ['-addext', `subjectAltName=${names.join(',')}`] : []),
  ], file);
}

async function certify(dir: string, args: readonly string[], file: string): Promise<void> {
  await run('openssl', [
    'req', '-x509', '-config', join(dir, 'openssl.cnf'), '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-sha256', '-days', `${VALID_DAYS}`,
    ...args, '-keyout', join(dir, `${file}.key`), '-out', join(dir, `${file}.crt`),
  ]);
}

async function writeKubeconfig(layout: Layout, client: string, user: string): Promise<void> {
  const dir = pkiDir(layout);
  const base64 = async (file: string) => (await readFile(join(dir, file))).toString('base64');
  const context = `mediacluster-${layout.name}`;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    clusters: [{ name: context, cluster: { server: layout.apiUrl, 'certificate-authority-data': await base64('ca.crt') } }],
    users: [{ name: user, user: { 'client-certificate-data': await base64(`${client}.crt`), 'client-key-data': await base64(`${client}.key`) } }],
    contexts: [{ name: context, context: { cluster: context, user } }],
  };
  // JSON is YAML, so no YAML writer is needed.
  await writeFile(kubeconfigOf(layout, client), `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
}

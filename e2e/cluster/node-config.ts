// The files that make a process tree a node of Kubernetes. Pure: layout in, text out. Every setting beside a default has its reason here.
import { join } from 'node:path';
import { nodeDir, type KubeNode, type Layout } from './layout.ts';
import { kubeconfigOf, pkiDir } from './pki.ts';
import { partDir, programPath } from './programs.ts';

/** The image of the container that holds a pod's namespaces. */
export const PAUSE_IMAGE = 'localhost/mediacluster/pause:1';

/** containerd's socket, the same in every node: each has a `/run/containerd` of its own. */
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/** Kernel settings that kubelet wants for the whole machine. A node shows them to it, see `initScript`. */
const KERNEL_TUNABLES: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

/** All files of a node, path → text. */
export function nodeFiles(layout: Layout, node: KubeNode, cgroup: string): Record<string, string> {
  const dir = nodeDir(layout, node.name);
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`; // YAML's readers take JSON.
  return {
    [join(dir, 'init.sh')]: initScript(layout, node),
    [join(dir, 'containerd.toml')]: containerdConfig(dir),
    [join(dir, 'cni/10-bridge.conflist')]: json(cniConfig(layout, node, dir)),
    [join(dir, 'kubelet.yaml')]: json(kubeletConfig(layout, node, dir, cgroup)),
    [join(dir, 'kube-proxy.yaml')]: json(kubeProxyConfig(layout, node)),
    // Empty: nothing answers DNS in this cluster, and an empty file makes look-ups fail at once rather than after a time-out.
    [join(dir, 'resolv.conf')]: '',
    ...Object.fromEntries(Object.entries(KERNEL_TUNABLES).map(([name, value]) => [join(dir, 'tunables', name), `${value}\n`])),
  };
}

/** The node's first process. It runs in new namespaces, as process 1 of its own. Two lines on standard input let it go on: the cable is in; join the cluster. */
function initScript(layout: Layout, node: KubeNode): string {
  const dir = nodeDir(layout, node.name);
  const log = join(layout.logDir, node.name);
  const others = layout.nodes.filter(({ name }) => name !== node.name);
  const start = (program: string, flags: string) => `${programPath(program)} ${flags} </dev/null >>${log}/${program}.log 2>&1 &`;
  return `# Process 1 of ${node.name}. When it ends, the kernel ends everything in here.
set -e
read -r _
mkdir -p ${dir}/disk/var ${dir}/disk/var-work ${dir}/disk/opt ${dir}/disk/opt-work
echo ${node.name} > /proc/sys/kernel/hostname
# A /run of its own comes first: mount itself would leave a folder in the machine's.
mount -n -t tmpfs node-run /run
mkdir -p /run/containerd /run/netns /run/lock
# Everything mounted in here stays in here; shared, since containers get volumes that are mounted later.
mount --make-rshared /
# Some paths are built into kubelet, containerd and CNI. A node writes to its own disk there, and sees no other node's sockets.
mount -t overlay -o lowerdir=/var,upperdir=${dir}/disk/var,workdir=${dir}/disk/var-work node-var /var
mount -t overlay -o lowerdir=/opt,upperdir=${dir}/disk/opt,workdir=${dir}/disk/opt-work node-opt /opt

# kubelet sets these for the whole machine. It is shown that they are set already, and the machine keeps its own.
${Object.keys(KERNEL_TUNABLES).map(name => `mount --bind ${dir}/tunables/${name} /proc/sys/${name}`).join('\n')}

ip link set lo up
ip address add ${node.address}/24 dev eth0
ip link set eth0 up
ip route add default via ${layout.gateway}
${others.map(({ podCidr, address }) => `ip route add ${podCidr} via ${address}`).join('\n')}
echo 1 > /proc/sys/net/ipv4/ip_forward

PATH=${partDir('containerd')}:$PATH
export PATH
${start('containerd', `--config ${dir}/containerd.toml`)}

# kubelet gives up for good when containerd does not answer, and waits long when the API server does not.
read -r _
${start('kube-proxy', `--config ${dir}/kube-proxy.yaml --hostname-override ${node.name}`)}
${start('kubelet', `--config ${dir}/kubelet.yaml --kubeconfig ${kubeconfigOf(layout, node.name)} --root-dir ${dir}/kubelet --hostname-override ${node.name} --node-ip ${node.address}`)}
# Stays for as long as the node lives, and takes in the orphans of all the others.
set +e
while :; do wait; sleep infinity & done
`;
}

function containerdConfig(dir: string): string {
  return `version = 3
root = '${dir}/containerd'
state = '/run/containerd'

[grpc]
address = '${CONTAINERD_SOCKET}'

[plugins.'io.containerd.cri.v1.images']
snapshotter = 'overlayfs'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '${PAUSE_IMAGE}'

[plugins.'io.containerd.cri.v1.runtime']
# Without CAP_SYS_RESOURCE runc dies at a negative score, saying only "can't get final child's PID from pipe: EOF".
restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ['${partDir('cni')}']
conf_dir = '${dir}/cni'
[plugins.'io.containerd.cri.v1.runtime'.containerd]
default_runtime_name = 'runc'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = 'runc'
SystemdCgroup = false
`;
}

function cniConfig(layout: Layout, node: KubeNode, dir: string): unknown {
  return {
    cniVersion: '1.0.0',
    name: `mediacluster-${layout.name}`,
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: false, // Every pod's address is routed everywhere in the cluster; peers must see it as it is.
        hairpinMode: true,
        ipam: { type: 'host-local', dataDir: join(dir, 'cni-leases'), ranges: [[{ subnet: node.podCidr }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function kubeletConfig(layout: Layout, node: KubeNode, dir: string, cgroup: string): unknown {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: node.address,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: join(pkiDir(layout), 'ca.crt') } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(pkiDir(layout), `${node.name}-serving.crt`),
    tlsPrivateKeyFile: join(pkiDir(layout), `${node.name}-serving.key`),
    cgroupRoot: `/${cgroup}`,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false, // 1.35 refuses version 1 by default; this cluster also runs where there is nothing else.
    enforceNodeAllocatable: [],
    failSwapOn: false,
    localStorageCapacityIsolation: false,
    // The machine's disk and memory are not the node's: a full disk elsewhere must not evict pods here.
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%', 'nodefs.inodesFree': '1%', 'imagefs.inodesFree': '1%' },
    imageGCHighThresholdPercent: 100, // Images come from archives; one that was collected could not be pulled again.
    imageGCLowThresholdPercent: 99,
    nodeStatusUpdateFrequency: '4s',
    nodeLeaseDurationSeconds: 20,
    oomScoreAdj: 0, // Less than the parent's needs CAP_SYS_RESOURCE.
    podLogsDir: join(layout.logDir, node.name, 'pods'),
    resolvConf: join(dir, 'resolv.conf'),
    volumePluginDir: join(dir, 'volume-plugins'),
    serializeImagePulls: false,
  };
}

function kubeProxyConfig(layout: Layout, node: KubeNode): unknown {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    bindAddress: node.address,
    clientConnection: { kubeconfig: kubeconfigOf(layout, 'kube-proxy') },
    clusterCIDR: layout.podCidr,
    mode: 'nftables',
    oomScoreAdj: 0,
    // Zero leaves the kernel's own values, of which some can be set for the whole machine only.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

// What a Kubernetes is made of here: programs built from their Go modules, since no container image can be had
// behind every wall, but a Go module proxy nearly always.

/** A set of programs that are built from one Go module in one go. */
export interface Part {
  readonly name: string;
  /** Its folder in the cache is keyed by this. */
  readonly version: string;
  readonly module: string;
  /** Main packages; a program is called like the last word of its package, save where `programs` says otherwise. */
  readonly packages: readonly string[];
  readonly programs: readonly string[];
  /** How long a cold build took on two cores, to tell the user what to expect. */
  readonly coldBuildSeconds: number;
  readonly tags?: readonly string[];
  /** Variables set by the linker, `package.name` → value. */
  readonly linkerValues?: Readonly<Record<string, string>>;
  /** The module replaces others by folders inside its repository; they are published beside it with this version. */
  readonly stagingVersion?: string;
}

const KUBERNETES = '1.35.4';
const KUBERNETES_PROGRAMS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'];
const CONTAINERD = '2.2.9';
const CONTAINERD_PROGRAMS = ['containerd', 'containerd-shim-runc-v2', 'ctr'];
const CNI = 'github.com/containernetworking/plugins';

/** All parts, the longest first. A few releases are missing on the module proxy: ask `go list -m -versions` before raising one. */
export const PARTS: readonly Part[] = [
  {
    name: 'kubernetes',
    version: KUBERNETES,
    module: 'k8s.io/kubernetes',
    packages: KUBERNETES_PROGRAMS.map(program => `k8s.io/kubernetes/cmd/${program}`),
    programs: KUBERNETES_PROGRAMS,
    coldBuildSeconds: 340,
    // Without these nodes report "v0.0.0", and helm refuses charts that ask for a version.
    linkerValues: {
      'k8s.io/component-base/version.gitVersion': `v${KUBERNETES}`,
      'k8s.io/component-base/version.gitMajor': KUBERNETES.split('.')[0] ?? '',
      'k8s.io/component-base/version.gitMinor': KUBERNETES.split('.')[1] ?? '',
    },
    stagingVersion: `v0.${KUBERNETES.split('.').slice(1).join('.')}`,
  },
  {
    name: 'etcd',
    version: '3.6.16',
    module: 'go.etcd.io/etcd/server/v3',
    packages: ['go.etcd.io/etcd/server/v3'],
    programs: ['etcd'],
    coldBuildSeconds: 30,
  },
  {
    name: 'containerd',
    version: CONTAINERD,
    module: 'github.com/containerd/containerd/v2',
    packages: CONTAINERD_PROGRAMS.map(program => `github.com/containerd/containerd/v2/cmd/${program}`),
    programs: CONTAINERD_PROGRAMS,
    coldBuildSeconds: 55,
    tags: ['no_btrfs', 'no_devmapper', 'no_zfs'], // These three need C libraries.
    linkerValues: { 'github.com/containerd/containerd/v2/version.Version': `v${CONTAINERD}` },
  },
  {
    name: 'cni',
    version: '1.9.1',
    module: CNI,
    packages: ['main/bridge', 'main/loopback', 'ipam/host-local', 'meta/portmap'].map(path => `${CNI}/plugins/${path}`),
    programs: ['bridge', 'loopback', 'host-local', 'portmap'],
    coldBuildSeconds: 5,
  },
  {
    name: 'helm',
    version: '3.21.4',
    module: 'helm.sh/helm/v3',
    packages: ['helm.sh/helm/v3/cmd/helm'],
    programs: ['helm'],
    coldBuildSeconds: 60,
    linkerValues: { 'helm.sh/helm/v3/internal/version.version': 'v3.21.4' },
  },
];

/** The least Go that builds all parts, from the `go` line of Kubernetes' own module. */
export const GO_VERSION = '1.25.0';

/** The `go.mod` of a throw-away module that needs nothing but the part. */
export function goModOf(part: Part, upstreamGoMod: string): string {
  const lines = [`module mediacluster.dev/cluster/${part.name}`, '', `go ${GO_VERSION}`, '', `require ${part.module} v${part.version}`];
  if (part.stagingVersion) {
    const staged = [...upstreamGoMod.matchAll(/^\s*(\S+) => \.\/staging\//gm)].map(([, name]) => name);
    lines.push('', ...staged.map(name => `replace ${name} => ${name} ${part.stagingVersion}`));
  }
  const godebug = upstreamGoMod.match(/^godebug default=.*$/m);
  if (godebug) lines.push('', godebug[0]);
  return `${lines.join('\n')}\n`;
}

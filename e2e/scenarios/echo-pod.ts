// A pod that answers UDP, and what asks it. It runs the node's own perl, so that the cluster can be checked before any image is built.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Where the pods answer. */
export const ECHO_PORT = 7777;

const SERVER = `use IO::Socket::INET;
my $socket = IO::Socket::INET->new(LocalPort => ${ECHO_PORT}, Proto => 'udp') or die;
$SIG{TERM} = sub { exit };
while (my $peer = $socket->recv(my $word, 1500)) { $socket->send("$ENV{POD}: $word", 0, $peer) }`;

const CLIENT = `use IO::Socket::INET;
my $socket = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Proto => 'udp') or die;
$SIG{ALRM} = sub { die "no answer\\n" };
alarm 5;
$socket->send($ARGV[2]);
$socket->recv(my $answer, 1500);
print $answer;`;

/** The manifest of an echo pod on a node. `kubectlDir` is where its own kubectl comes from. */
export function echoPod(name: string, node: string, image: string, kubectlDir: string): object {
  const folders = ['/usr', '/bin', '/lib', '/lib64'].map(path => ({ path, volume: path.slice(1) }));
  const mounts = [...folders, { path: kubectlDir, volume: 'kubectl' }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'echo' } },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 1,
      containers: [{
        name: 'echo',
        image,
        imagePullPolicy: 'Never',
        command: ['/usr/bin/perl', '-e', SERVER],
        env: [{ name: 'POD', value: name }, { name: 'PATH', value: '/usr/bin:/bin' }],
        ports: [{ containerPort: ECHO_PORT, hostPort: ECHO_PORT, protocol: 'UDP' }],
        volumeMounts: mounts.map(({ path, volume }) => ({ name: volume, mountPath: path, readOnly: true })),
      }],
      volumes: mounts.map(({ path, volume }) => ({ name: volume, hostPath: { path } })),
    },
  };
}

/** The command that makes a pod ask another for an echo. */
export const askFromPod = (address: string, port: number, word: string): string[] => ['/usr/bin/perl', '-e', CLIENT, address, `${port}`, word];

/** Asks for an echo from this machine. */
export async function askFromHere(address: string, port: number, word: string, timeoutMs = 5_000): Promise<string> {
  const socket = createSocket('udp4');
  try {
    socket.send(word, port, address);
    const [answer] = await once(socket, 'message', { signal: AbortSignal.timeout(timeoutMs) }) as [Buffer];
    return answer.toString();
  } finally {
    socket.close();
  }
}

// What comes from the distribution. As root on a Debian or Ubuntu it is installed, in sight; elsewhere the command is printed.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './command.ts';
import { withLock } from './lock.ts';
import { cacheDir } from './layout.ts';
import { beginStep } from './progress.ts';

/** Program → the Debian package that has it. */
const PACKAGES = {
  runc: 'runc',
  nft: 'nftables',
  iptables: 'iptables',
  ip: 'iproute2',
  conntrack: 'conntrack',
  openssl: 'openssl',
  nsenter: 'util-linux',
  mount: 'mount',
  gcc: 'gcc libc6-dev',
  buildah: 'buildah',
  mmdebstrap: 'mmdebstrap',
  chromium: 'chromium',
} as const;

/** A program that this machine's distribution has. */
export type DebianProgram = keyof typeof PACKAGES;

/** What starting a cluster needs. */
export const CLUSTER_PROGRAMS: readonly DebianProgram[] = ['runc', 'nft', 'iptables', 'ip', 'conntrack', 'openssl', 'nsenter', 'mount', 'gcc'];

/** Which of the programs are not on this machine. */
export function missingPrograms(programs: readonly DebianProgram[]): DebianProgram[] {
  // sbin too: a root shell started by `su` has it not on its PATH.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return programs.filter(program => !folders.some(folder => existsSync(join(folder, program))));
}

/** The command that installs those programs. */
export function installCommand(programs: readonly DebianProgram[]): string {
  return `apt-get install -y --no-install-recommends ${programs.map(program => PACKAGES[program]).join(' ')}`;
}

/** Installs what is missing, with notice. Throws with the exact command where it cannot. */
export async function ensurePrograms(programs: readonly DebianProgram[]): Promise<void> {
  if (missingPrograms(programs).length === 0) return;
  await withLock(join(cacheDir(), 'apt.lock'), async () => {
    const missing = missingPrograms(programs);
    if (missing.length === 0) return;
    const command = installCommand(missing);
    if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(`these programs are missing: ${missing.join(', ')}. On Debian: ${command}`);
    const step = beginStep(`installing from the distribution: ${command}`, 'up to 2 min');
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-q'], { env });
    const [tool, ...args] = command.split(' ');
    await run(tool!, args, { env });
    step.done();
  });
}

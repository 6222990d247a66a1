// Runs in the build stage of every image, before any source is there: installs the packages that the lock file names.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

// The authority of a proxy that inspects TLS, where there is one: a secret of the build, which no layer keeps.
const AUTHORITY = '/run/secrets/ca.crt';

const before = locked();
const env = fs.existsSync(AUTHORITY) ? { ...process.env, NODE_EXTRA_CA_CERTS: AUTHORITY } : process.env;
const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline', '--no-update-notifier'], { env, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

// npm ci would do, but it refuses a lock file that was made where other systems' packages cannot be had. Other versions
// of npm write the same lock in other words, so it is its content that must stay.
const after = locked();
const changed = [...[...before].filter(item => !after.has(item)), ...[...after].filter(item => !before.has(item))];
if (changed.length > 0) {
  console.error(`package-lock.json and the package.json files disagree about: ${changed.slice(0, 5).join(', ')}`);
  process.exit(1);
}

/** `name@version` of all packages. Not of optional ones: which of those are listed, and where, differs between systems; their versions follow the package that wants them. */
function locked() {
  const { packages } = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
  const installed = Object.entries(packages).filter(([folder, { optional, link }]) => folder.includes('node_modules/') && !optional && !link);
  return new Set(installed.map(([folder, { version }]) => `${folder.split('node_modules/').at(-1)}@${version}`));
}

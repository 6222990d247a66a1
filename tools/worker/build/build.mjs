import fs from 'node:fs';
import path from 'node:path';
import { compileWorker } from './compile.mjs';
import { PIP, privateMeson, systemMeson } from './meson.mjs';
import { ensureRequirements } from './requirements.mjs';
import { digestOfOurs, layOutSource } from './source.mjs';

/**
 * requirements.mjs ─▶ meson.mjs ─▶ source.mjs ─────────────▶ compile.mjs
 *   compilers, libs     ≥ 1.1        copy, subprojects, mend   [n/m] ─▶ mediasoup-worker
 *
 * Builds the worker from the source in mediasoup's package against the distribution's libraries, and returns its
 * path. Works in `dir`, where it continues a build that was interrupted; tools it had to fetch stay in `toolsDir`.
 */
export async function buildWorker({ mediasoup, dir, toolsDir, env, log }) {
  const ready = systemMeson(env);
  await ensureRequirements({ log, env, extra: ready ? [] : [PIP] });
  const meson = ready ?? await privateMeson({ dir: toolsDir, env, log });

  const here = path.join(dir, `build-${digestOfOurs()}`);
  const laidOut = path.join(here, 'laid-out');
  if (!fs.existsSync(laidOut)) {
    fs.rmSync(here, { recursive: true, force: true });
    layOutSource({ from: mediasoup.sourceDir, to: path.join(here, 'source') });
    fs.writeFileSync(laidOut, '');
  }
  return compileWorker({ dir: here, meson, log });
}

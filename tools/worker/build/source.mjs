import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WorkerError } from '../errors.mjs';

const SUBPROJECTS = fileURLToPath(new URL('subprojects', import.meta.url));

/**
 * The one line of mediasoup's source that must be mended, in the build's copy.
 *
 * The callback of the BIO that carries DTLS to the network hears of each call twice, before it and, with a flag, after
 * it; after it the callback must hand on the call's result. The source asks for equality where a flag must be tested,
 * so it answers 1 to each BIO_ctrl(). An OpenSSL with kernel TLS compiled in (Debian's, unlike the one that mediasoup
 * bundles) then believes that this BIO does kernel TLS, and the worker dies with SIGSEGV in do_dtls1_write() at the
 * first handshake. Everything without DTLS works, which is why a test does a real handshake.
 */
export const MEND = {
  file: 'src/RTC/DtlsTransport.cpp',
  from: '(operationType == BIO_CB_RETURN)',
  to: '((operationType & BIO_CB_RETURN) != 0)',
};

/** `text` with `from` replaced; `from` must be there exactly once. Throws `WORKER_SOURCE_CHANGED`. */
export function mend(text, { file, from, to }) {
  const found = text.split(from).length - 1;
  if (found !== 1) {
    throw new WorkerError('WORKER_SOURCE_CHANGED', `${file} holds ${JSON.stringify(from)} ${found} times instead of once: this mediasoup is not the one that the build knows`, {
      remedy: 'See whether the mend in tools/worker/build/source.mjs is still needed, and adapt it.\n'
        + 'Until then, a worker built elsewhere will do:  export MEDIASOUP_WORKER_BIN=/path/to/mediasoup-worker',
    });
  }
  return text.replace(from, () => to);
}

/** Lays out in `to` what Meson will build: mediasoup's source, our subprojects in place of its wraps, the mend. */
export function layOutSource({ from, to }) {
  fs.rmSync(to, { recursive: true, force: true });
  fs.cpSync(from, to, {
    recursive: true,
    // `out` and the pip folders are what mediasoup's own build may have left; its wraps would download.
    filter: source => !/^(out|subprojects|pip_.*)$/.test(path.relative(from, source)),
  });
  fs.cpSync(SUBPROJECTS, path.join(to, 'subprojects'), { recursive: true });
  const mended = path.join(to, MEND.file);
  fs.writeFileSync(mended, mend(fs.readFileSync(mended, 'utf8'), MEND));
}

/** A short sum of what we add to the source: a build begun with another is not one to go on with. */
export function digestOfOurs() {
  const hash = createHash('sha256').update(JSON.stringify(MEND));
  for (const file of fs.readdirSync(SUBPROJECTS, { recursive: true }).sort()) {
    const full = path.join(SUBPROJECTS, file);
    if (fs.statSync(full).isFile()) hash.update(file).update(fs.readFileSync(full));
  }
  return hash.digest('hex').slice(0, 8);
}

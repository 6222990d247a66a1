import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files in PEM, and what is in them. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority in a folder of its own, for one test file. */
export class Authority {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'certificates-'));
  readonly ca: Certificate;
  #made = 0;

  constructor() {
    this.ca = this.#make(['-subj', '/CN=an authority', '-days', '2']);
  }

  /** Signs a certificate for 127.0.0.1. `subject` as openssl writes it, such as `/CN=app`; negative `days`: it has expired. */
  sign(subject: string, { days = 1 }: { days?: number } = {}): Certificate {
    const { certFile, keyFile } = this.ca;
    return this.#make(['-CA', certFile, '-CAkey', keyFile, '-subj', subject, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', String(days)]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #make(args: readonly string[]): Certificate {
    const name = join(this.folder, String(this.#made += 1));
    const [certFile, keyFile] = [`${name}.pem`, `${name}.key`];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile, '-out', certFile, ...args], { stdio: 'pipe' });
    return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  }
}

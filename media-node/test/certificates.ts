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
    const files = this.#files();
    openssl(...NEW_KEY, '-x509', '-subj', '/CN=an authority', '-days', '2', '-keyout', files.keyFile, '-out', files.certFile);
    this.ca = read(files);
  }

  /** Signs a certificate for 127.0.0.1. `subject` as openssl writes it, such as `/CN=app`; negative `days`: it has expired. */
  sign(subject: string, { days = 1 }: { days?: number } = {}): Certificate {
    const files = this.#files();
    const { certFile, keyFile } = files;
    const asked = `${certFile}.csr`;
    openssl(...NEW_KEY, '-subj', subject, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', asked);
    openssl('x509', '-req', '-in', asked, '-CA', this.ca.certFile, '-CAkey', this.ca.keyFile, '-copy_extensions', 'copy', '-days', String(days), '-out', certFile);
    return read(files);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  #files(): Certificate {
    const name = join(this.folder, String(this.#made += 1));
    return { certFile: `${name}.pem`, keyFile: `${name}.key`, cert: '', key: '' };
  }
}

const NEW_KEY = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}

function read(files: Certificate): Certificate {
  return { ...files, cert: readFileSync(files.certFile, 'utf8'), key: readFileSync(files.keyFile, 'utf8') };
}

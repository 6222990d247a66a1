import { readFileSync, statSync } from 'node:fs';

import { ConfigError } from '../errors.ts';

/** Told of files that cannot be used any more; what was read before stands. */
export type OnProblem = (error: Error) => void;

/**
 * What is in some files, read again when one of them has changed. They are looked at when the value is asked for, which is once per
 * client that connects: a watch would miss how Kubernetes swaps a mounted Secret (a link two folders above the file is moved).
 */
export class FreshFiles<Value> {
  readonly #paths: readonly string[];
  readonly #parse: (texts: string[]) => Value;
  readonly #onProblem: OnProblem;
  #stamp: string;
  #value: Value;

  /**
   * @param parse throws when the files do not hold what they should; its message must not repeat a secret
   * @throws ConfigError when they cannot be read or parsed now
   */
  constructor(paths: readonly string[], parse: (texts: string[]) => Value, onProblem: OnProblem) {
    this.#paths = paths;
    this.#parse = parse;
    this.#onProblem = onProblem;
    try {
      this.#stamp = this.#look();
      this.#value = this.#read();
    } catch (cause) {
      throw new ConfigError(`${paths.join(', ')} cannot be used: ${(cause as Error).message}`, { cause });
    }
  }

  /** The same object as long as the files stay as they are, or cannot be used. */
  get value(): Value {
    const stamp = this.#stampNow();
    if (stamp === this.#stamp) return this.#value;
    // Before they are read: files that change meanwhile are read once more the next time.
    this.#stamp = stamp;
    try {
      this.#value = this.#read();
    } catch (error) {
      this.#onProblem(error as Error);
    }
    return this.#value;
  }

  #stampNow(): string {
    try {
      return this.#look();
    } catch {
      return 'missing';
    }
  }

  #look(): string {
    return this.#paths.map(path => {
      const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
      return `${ino}.${size}.${mtimeNs}.${ctimeNs}`;
    }).join(' ');
  }

  #read(): Value {
    return this.#parse(this.#paths.map(path => readFileSync(path, 'utf8')));
  }
}

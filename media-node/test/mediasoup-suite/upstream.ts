import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Mediasoup } from '@mediacluster/sdk';
import { createSelfSignedCertificate } from 'werift';

import { TESTS_OF_SUITE } from './expected.ts';
import type { CannotPass } from './cannot-pass.ts';

/** One way to mediasoup that its own tests are run over. */
export interface Target {
  /** The column in the table. */
  readonly name: string;
  readonly mediasoup: Mediasoup;
  /** Whether the objects are mediasoup's own, with the members that it keeps for its tests. */
  readonly own?: boolean;
  /** Tests that cannot pass here. Each is run all the same: one that passes after all is told of. */
  readonly cannotPass?: readonly CannotPass[];
  /** The suites to run. Default: all. */
  readonly only?: readonly string[];
}

const requireHere = createRequire(import.meta.url);
const FOLDER = join(dirname(requireHere.resolve('mediasoup')), 'test');
const SUITES = readdirSync(FOLDER).map(file => /^test-(.+)\.js$/.exec(file)?.[1]).filter(name => name !== undefined).toSorted();

// What a suite looks at on mediasoup's own objects alone, one assertion to a line.
const ASSERTION_FOR_OWN = /^ *expect\(\S+ForTesting\.\S+\)\.\S+;$/gm;
// Two files that upstream's repository has and its package has not.
const DATA_FILE = /path\.join\(__dirname, 'data', /g;

// TLS's numbers for them (RFC 5246, 7.4.1.4.1).
const [SHA256, ECDSA] = [4, 3] as const;
// mediasoup's own limits are for a machine that does nothing else.
const PATIENCE = 10;

/**
 * Registers the tests that mediasoup's authors wrote, as the installed package holds them, with their import of mediasoup answered by
 * the target's. Nothing else of them is changed, but assertions that look into mediasoup's own objects are left out over others.
 */
export async function runUpstreamSuites({ name: target, mediasoup, own = false, cannotPass = [], only = SUITES }: Target): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'mediasoup-suite-'));
  afterAll(() => rmSync(data, { recursive: true }));
  const { certPem, keyPem } = await createSelfSignedCertificate({ hash: SHA256, signature: ECDSA });
  writeFileSync(join(data, 'dtls-cert.pem'), certPem);
  writeFileSync(join(data, 'dtls-key.pem'), keyPem);

  describe(`mediasoup's own tests over ${target}`, () => {
    const suites = SUITES.filter(each => only.includes(each));
    const found: typeof TESTS_OF_SUITE = {};
    const excused: CannotPass[] = [];
    for (const suite of suites) {
      describe(suite, () => {
        const { source, left } = read(suite, own);
        const excuses = new Map(cannotPass.filter(each => each.suite === suite).map(each => [each.test, each]));
        const names: string[] = [];

        evaluate(source, join(FOLDER, `test-${suite}.js`), {
          require: (id: string) => (id === '../' ? mediasoup : requireThere(id)),
          DATA: data,
          jest, expect, beforeEach, afterEach,
          test(name: string, run: () => Promise<void>, timeoutMs?: number) {
            names.push(name);
            const excuse = excuses.get(name);
            const limitMs = timeoutMs && timeoutMs * PATIENCE;
            if (excuse) test.failing(`${name} (cannot pass: ${excuse.reason})`, run, limitMs);
            else test(name, run, limitMs);
          },
        });
        found[suite] = { tests: new Set(names).size, ...(left > 0 && { forOwn: left }) };
        excused.push(...[...excuses.values()].filter(excuse => names.includes(excuse.test)));
      });
    }

    test('they are the tests that we know', () => {
      const known = Object.entries(TESTS_OF_SUITE).filter(([suite]) => suites.includes(suite));
      expect(found).toEqual(Object.fromEntries(known.map(([suite, { tests, forOwn }]) => [suite, { tests, ...(!own && forOwn && { forOwn }) }])));
      expect(excused).toEqual(cannotPass.filter(({ suite }) => suites.includes(suite)));
    });
  });
}

const requireThere = createRequire(join(FOLDER, 'test.js'));

/** The suite's text, and how many assertions were left out of it. */
function read(suite: string, own: boolean): { source: string; left: number } {
  let left = 0;
  const whole = readFileSync(join(FOLDER, `test-${suite}.js`), 'utf8').replaceAll(DATA_FILE, 'path.join(DATA, ');
  const source = own ? whole : whole.replaceAll(ASSERTION_FOR_OWN, () => {
    left += 1;
    return ''; // the lines keep their numbers
  });
  return { source, left };
}

/** As Node loads a CommonJS module, but with more names in its scope, and in the realm of this test, whose classes `instanceof` asks for. */
function evaluate(source: string, file: string, scope: Record<string, unknown>): void {
  const names = ['exports', '__dirname', ...Object.keys(scope)];
  // oxlint-disable-next-line typescript/no-implied-eval -- the text of an installed package, which `require` would evaluate as well
  new Function(...names, `${source}\n//# sourceURL=${file}`)({}, FOLDER, ...Object.values(scope));
}

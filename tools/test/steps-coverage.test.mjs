import { expect, test } from '@jest/globals';

import { checkCoverage } from '../steps/coverage.mjs';

const measured = (covered, total = 10, branches = covered) => ({
  lines: { total, covered }, statements: { total, covered }, functions: { total, covered }, branches: { total, covered: branches },
});
const check = (files, gates) => checkCoverage({ total: measured(0), ...files }, '/repo', gates);

test('a gate counts the files of its place together, and those alone', () => {
  const files = { '/repo/a/x.ts': measured(10), '/repo/a/y.ts': measured(8), '/repo/b/z.ts': measured(0) };
  expect(check(files, [{ place: 'a/', percent: 90 }]).missed).toEqual([]);
  expect(check(files, [{ place: 'a/', percent: 91 }]).missed).toEqual(['coverage: a/ must reach 91 %: lines 90.00 %, branches 90.00 %, functions 90.00 %, statements 90.00 %']);
});

test('one branch of ten thousand keeps a place from 100 %, and is named alone', () => {
  const files = { '/repo/a/x.ts': measured(10_000, 10_000, 9_999) };
  expect(check(files, [{ place: 'a/', percent: 100 }]).missed).toEqual(['coverage: a/ must reach 100 %: branches 99.99 %']);
});

test('a file without a branch lacks none; a place without a file is a mistake', () => {
  const gates = [{ place: 'a/', percent: 100 }, { place: 'gone/', percent: 1 }];
  expect(check({ '/repo/a/x.ts': measured(0, 0) }, gates).missed).toEqual(['coverage: no file of gone/ was measured']);
});

test('the table has a line for each gate', () => {
  const { table } = check({ '/repo/a/x.ts': measured(9) }, [{ place: 'a/', percent: 90 }]);
  expect(table.split('\n').map(line => line.trim().split(/\s+/))).toEqual([
    ['coverage,', '%', 'lines', 'branches', 'functions', 'statements', 'gate'], ['a/', '90.0', '90.0', '90.0', '90.0', '90'],
  ]);
});

import { expect, test } from '@jest/globals';

import { tableOfSuites } from '../steps/suites.mjs';

const of = (target, suite, title, status = 'passed') => ({ ancestorTitles: [`mediasoup's own tests over ${target}`, suite], title, status });

test('counts by suite and by what it ran over, with those that cannot pass and those that failed', () => {
  expect(tableOfSuites([
    of('plain mediasoup', 'Worker', 'one'), of('plain mediasoup', 'Worker', 'two'), of('plain mediasoup', 'Router', 'one'),
    of('a socket', 'Worker', 'one'), of('a socket', 'Worker', 'two (cannot pass: it reaches into mediasoup)'),
    of('a socket', 'Router', 'one', 'failed'),
    { ancestorTitles: ["mediasoup's own tests over a socket"], title: 'they are the tests that we know', status: 'passed' },
    { ancestorTitles: [], title: 'another test', status: 'failed' },
  ])).toBe([
    "mediasoup's own tests over  plain mediasoup         a socket",
    'Router                                    1      0, 1 failed',
    'Worker                                    2            1 + 1',
    'all                                       3  1 + 1, 1 failed',
  ].join('\n'));
});

test('tells the wide suites apart', () => {
  const tests = [of('one', 'Worker', 'a'), { ancestorTitles: ['conformance over one', 'order'], title: 'a', status: 'passed' }];
  expect(tableOfSuites(tests, 'conformance')).toBe([
    'conformance over  one',
    'order               1',
    'all                 1',
  ].join('\n'));
});

test('shows where a suite did not run', () => {
  expect(tableOfSuites([of('one', 'Worker', 'a'), of('two', 'Router', 'a')])).toBe([
    "mediasoup's own tests over  one  two",
    'Router                        –    1',
    'Worker                        1    –',
    'all                           1    1',
  ].join('\n'));
});

test('there is no table where none of them ran', () => {
  expect(tableOfSuites([{ ancestorTitles: ['something'], title: 'else', status: 'passed' }])).toBeUndefined();
});

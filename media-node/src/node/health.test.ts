import { expect, test } from '@jest/globals';

import { HealthState } from './health.ts';

test('is live from the start, ready in between, and never ready again once it stops', () => {
  const health = new HealthState();
  expect([health.health, health.livez().status, health.readyz().status]).toEqual(['starting', 200, 503]);
  health.ready();
  expect([health.health, health.readyz().status]).toEqual(['ready', 200]);
  health.stopping();
  health.ready();
  expect([health.livez().status, health.readyz().status, health.readyz().body]).toEqual([200, 503, '{"health":"stopping"}\n']);
});

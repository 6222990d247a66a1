import assert from 'node:assert/strict';

/** The same value, or the very same object. */
export function equal(actual: unknown, expected: unknown, message?: string): void {
  assert.equal(actual, expected, message);
}

/** The same data. Absent and `undefined` are one: what crosses a wire need not keep the difference. */
export function same(actual: unknown, expected: unknown, message?: string): void {
  assert.deepEqual(plain(actual), plain(expected), message);
}

/** What must hold, in words. */
export function holds(condition: unknown, what: string): void {
  assert.ok(condition, what);
}

// Objects from another realm (a test runner's sandbox) have other prototypes: rebuilt here they compare by what they hold.
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined).map(([key, member]) => [key, plain(member)]));
}

/** `instanceof` this, and of no class below it: a NotFoundError is an Error, but not what is meant by one. */
export interface ErrorClass {
  new (message: string): Error;
}

function isTheError(error: unknown, expected: ErrorClass, pattern: RegExp): void {
  assert.ok(error instanceof expected, `expected a ${expected.name} like ${pattern}, got ${describe(error)}`);
  assert.equal(error.name, expected.name, `the name of ${describe(error)}`);
  assert.match(error.message, pattern);
}

/** An async member: it must hand out a promise, never throw, and the promise must reject like this. */
export async function rejects(call: () => Promise<unknown>, expected: ErrorClass, pattern: RegExp): Promise<void> {
  let promise;
  try {
    promise = call();
  } catch (error) {
    assert.fail(`expected a rejection, but it threw ${describe(error)}`);
  }
  const error = await promise.then(() => assert.fail(`expected a ${expected.name} like ${pattern}, but it resolved`), (reason: unknown) => reason);
  isTheError(error, expected, pattern);
}

/** A synchronous member. */
export function throws(call: () => unknown, expected: ErrorClass, pattern: RegExp): void {
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  isTheError(error, expected, pattern);
}

function describe(error: unknown): string {
  return String((error as Error | undefined)?.stack ?? error);
}

/** Frozen all the way down: who changes it throws. */
export function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

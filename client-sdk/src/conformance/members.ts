/**
 * Members of mediasoup's objects that its declarations leave out, or call private or protected: for its own use and its own tests. Other
 * managers have their own ways.
 */
export const INTERNAL_MEMBERS: readonly string[] = [
  'addPipeTransportPair', 'allocateSctpStreamId', 'channel', 'channelForTesting', 'consumers', 'dataConsumers', 'dataProducers', 'getDataProducerById',
  'getProducerById', 'handleListenerError', 'handleSctpNegotiatedCapabilities', 'handleWorkerNotifications', 'internal', 'onSignal', 'routersForTesting',
  'transportsForTesting', 'webRtcServersForTesting', 'webRtcTransportsForTesting', 'workerDied',
];

/** What an app finds on an object, by name: its own keys, and what its classes give it. */
export interface Members {
  /** `constructor.name`; absent for an object without a constructor, as the namespace of a module. */
  readonly name: string | undefined;
  readonly own: readonly string[];
  /** Those of the prototypes, EventEmitter's too. */
  readonly inherited: readonly string[];
}

/** Looks at an object as an app could, enumerable or not. Symbols are left out: nobody comes upon them by chance. */
export function membersOf(object: object): Members {
  const inherited = new Set<string>();
  for (let prototype = prototypeOf(object); prototype && !isBuiltIn(prototype); prototype = prototypeOf(prototype)) {
    for (const name of Object.getOwnPropertyNames(prototype)) inherited.add(name);
  }
  const { constructor } = object as { constructor?: { name: string } };
  return { name: constructor?.name, own: Object.getOwnPropertyNames(object).toSorted(), inherited: [...inherited].toSorted() };
}

/** How a manager's object differs from mediasoup's own of the same class, in words; empty when an app finds the same on both. */
export function differentMembers(mediasoups: object, others: object): string[] {
  const [expected, found] = [membersOf(mediasoups), membersOf(others)];
  return [
    ...(expected.name === found.name ? [] : [`its class is ${found.name}, not ${expected.name}`]),
    ...expected.own.filter(name => !found.own.includes(name) && !INTERNAL_MEMBERS.includes(name)).map(name => `lacks ${name}`),
    ...expected.inherited.filter(name => !found.inherited.includes(name) && !INTERNAL_MEMBERS.includes(name)).map(name => `does not inherit ${name}`),
    ...found.own.filter(name => !expected.own.includes(name)).map(name => `has ${name}`),
    ...found.inherited.filter(name => !expected.inherited.includes(name)).map(name => `inherits ${name}`),
  ];
}

/**
 * The same of the module. `import * as mediasoup` is a namespace that Node makes of it: it adds a `default`, which a test runner may
 * leave out, and `module.exports`.
 */
export function differentModuleMembers(namespace: object, others: object): string[] {
  const names = (object: object): string[] => Object.getOwnPropertyNames(object).filter(name => name !== 'module.exports' && name !== '__esModule');
  const [expected, found] = [[...new Set([...names(namespace), 'default'])], names(others)];
  return [
    ...expected.filter(name => !found.includes(name)).map(name => `lacks ${name}`),
    ...found.filter(name => !expected.includes(name)).map(name => `has ${name}`),
    ...membersOf(others).inherited.map(name => `inherits ${name}`),
  ];
}

function prototypeOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null;
}

/** `Object`'s own, of this realm or another. */
function isBuiltIn(prototype: object): boolean {
  return prototypeOf(prototype) === null;
}

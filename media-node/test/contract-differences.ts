import type { ClassName, ClassSpec, EventSpec, MethodTable } from '@mediacluster/rope/contract';
import type ts from '@typescript/typescript6';

import type { DeclaredClass, DeclaredMethod, Surface } from './mediasoup-surface.ts';

/** The contract's tables, as far as they are compared. */
export interface ContractTables {
  readonly classes: Readonly<Record<string, ClassSpec>>;
  readonly methods: MethodTable;
}

/** Members of mediasoup that no table carries, since they are decided in the app's own process. `*` stands for every class. */
export const DECIDED_IN_THE_APP: Readonly<Record<string, string>> = {
  '*.closed': 'follows from rope.closed and the cascade below it',
  '*.appData': "the app's own object; what others see of it travels beside the state",
  '*.observer': "an emitter of the app's own",
  'worker.died': 'follows from the ending `died`',
  'worker.subprocessClosed': 'follows from `subprocessclose`',
  'router.canConsume()': 'synchronous: a pure function over state that is there',
  'router.pipeToRouter()': 'made of createPipeTransport, connect, consume and produce, on one node or on two',
  '*!workerclose': 'the cascade is known to both sides: only its top travels',
  '*!routerclose': 'the cascade is known to both sides: only its top travels',
  '*!transportclose': 'the cascade is known to both sides: only its top travels',
  'plainTransport!listenserverclose': 'declared for all transports; only a WebRtcTransport stands on a server',
  'pipeTransport!listenserverclose': 'declared for all transports; only a WebRtcTransport stands on a server',
  'directTransport!listenserverclose': 'declared for all transports; only a WebRtcTransport stands on a server',
  '*°close': 'follows from rope.closed and the cascade',
  '*°pause': 'the effective pause is decided where the promise resolves',
  '*°resume': 'the effective pause is decided where the promise resolves',
  'worker°newwebrtcserver': 'emitted before the promise resolves, with the same object',
  'worker°newrouter': 'emitted before the promise resolves, with the same object',
  'router°newtransport': 'emitted before the promise resolves, with the same object',
  'router°newrtpobserver': 'emitted before the promise resolves, with the same object',
  '*°newproducer': 'emitted before the promise resolves, with the same object',
  '*°newconsumer': 'emitted before the promise resolves, with the same object',
  '*°newdataproducer': 'emitted before the promise resolves, with the same object',
  '*°newdataconsumer': 'emitted before the promise resolves, with the same object',
  'webRtcServer°webrtctransporthandled': "follows from the transport's state, which names its server",
  'webRtcServer°webrtctransportunhandled': "follows from the transport's end",
  'directTransport°rtcp': 'declared, and never emitted by mediasoup',
};

/** What the contract carries that is no public member of mediasoup's classes. */
export const OURS: Readonly<Record<string, string>> = {
  'producer.consumableRtpParameters': 'for the use of mediasoup alone in its declarations; `canConsume()` needs it',
  'webRtcTransport.webRtcServer': 'the server that was named in the options; mediasoup has no getter for it',
  'mediasoup.createWorker()': 'a function of the module',
  'mediasoup.setLogLevels()': 'what `setLogEventListeners()` of the module asks for',
  'mediasoup.setAppData()': 'the setter of every `appData`',
  'node.getStats()': "the manager's, not mediasoup's",
};

/** How the module's exports come to the app. */
export const EXPORTS: Readonly<Record<string, string>> = {
  createWorker: 'mediasoup.createWorker', setLogEventListeners: 'mediasoup.setLogLevels', version: 'NodePayload', workerBin: 'NodePayload',
  getSupportedRtpCapabilities: 'NodePayload', observer: "in the app's process", errors: "in the app's process", ortc: "in the app's process",
  extras: "in the app's process", parseScalabilityMode: "in the app's process", types: 'types alone',
};

/** Parameters that travel in another form than mediasoup takes them: by the contract's keys, in mediasoup's order. */
const TRANSLATED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'producer.send': [['data']],
  'transport.sendRtcp': [['data']],
  'dataConsumer.send': [['data', 'text'], ['ppid']],
  'dataProducer.send': [['data', 'text'], ['ppid'], ['subchannels'], ['requiredSubchannel'], ['ignoredSubchannel']],
  'rtpObserver.addProducer': [['producer']],
  'rtpObserver.removeProducer': [['producer']],
};

/** Kinds whose calls are those of their base. */
const BASES: Readonly<Record<string, 'transport' | 'rtpObserver'>> = {
  webRtcTransport: 'transport', plainTransport: 'transport', pipeTransport: 'transport', directTransport: 'transport',
  activeSpeakerObserver: 'rtpObserver', audioLevelObserver: 'rtpObserver',
};

/** Everything in which the contract and mediasoup's declarations differ, each in a line that says what to do. Pure. */
export function differences(surface: Surface, { classes, methods }: ContractTables): string[] {
  const found: string[] = [];
  const excused = new Set<string>();
  /** Whether a table says why it is not carried (or not mediasoup's). */
  const isExcused = (table: Readonly<Record<string, string>>, name: string, member: string): boolean => {
    const key = [`${name}${member}`, `*${member}`].find(candidate => candidate in table);
    if (key !== undefined) excused.add(key);
    return key !== undefined;
  };
  const carried = new Set<string>();

  for (const [name, declared] of surface.classes) {
    const spec = classes[name];
    if (!spec) {
      found.push(`${name}: a class of mediasoup that the contract has no table for`);
      continue;
    }
    compareGetters(name, declared, spec);
    compareEvents(name, declared, spec);
    for (const [method, shape] of declared.methods) {
      const wire = wireName(name, method);
      if (wire === undefined) {
        if (!isExcused(DECIDED_IN_THE_APP, name, `.${method}()`)) found.push(`${name}.${method}(): mediasoup has it, the contract does not`);
        continue;
      }
      carried.add(wire);
      // Kinds narrow what their base declares; the wire carries what the base does.
      const base = wire.startsWith('transport.') || wire.startsWith('rtpObserver.') ? surface.bases.get(BASES[name] as 'transport') : undefined;
      compareMethod(wire, base?.methods.get(method) ?? shape);
    }
  }
  for (const method of Object.keys(methods)) {
    const [prefix, member] = method.split('.') as [string, string];
    if (!carried.has(method) && !isExcused(OURS, prefix, `.${member}()`)) found.push(`${method}: the contract has it, mediasoup does not`);
  }
  for (const name of surface.exports) if (!(name in EXPORTS)) found.push(`mediasoup.${name}: an export of mediasoup that comes to no app`);
  for (const name of Object.keys(EXPORTS)) if (!surface.exports.includes(name)) found.push(`mediasoup.${name}: mediasoup exports it no longer`);
  for (const key of Object.keys({ ...DECIDED_IN_THE_APP, ...OURS })) if (!excused.has(key)) found.push(`${key}: an exception that nothing needs`);
  return found;

  function wireName(name: string, method: string): string | undefined {
    return [`${name}.${method}`, `${BASES[name]}.${method}`].find(candidate => candidate in methods);
  }

  function compareGetters(name: ClassName, declared: DeclaredClass, spec: ClassSpec): void {
    const state = surface.states.get(name) as Map<string, ts.Type>;
    for (const [getter, type] of declared.getters) {
      if (!spec.state.includes(getter)) {
        if (!isExcused(DECIDED_IN_THE_APP, name, `.${getter}`)) found.push(`${name}.${getter}: a getter of mediasoup that is in no state`);
      } else if (state.has(getter) && !surface.same(state.get(getter) as ts.Type, type)) {
        found.push(`${name}.${getter}: mediasoup has ${surface.text(type)}, the state ${surface.text(state.get(getter) as ts.Type)}`);
      }
    }
    for (const key of spec.state) {
      if (!declared.getters.has(key) && !isExcused(OURS, name, `.${key}`)) found.push(`${name}.${key}: in the state, but no getter of mediasoup`);
    }
    const untyped = spec.state.filter(key => !state.has(key)).concat([...state.keys()].filter(key => !spec.state.includes(key)));
    for (const key of untyped) found.push(`${name}.${key}: the state's type and its table differ`);
  }

  function compareEvents(name: ClassName, declared: DeclaredClass, spec: ClassSpec): void {
    for (const event of declared.events.keys()) {
      const known = (event in spec.events && spec.events[event]?.observer !== 'only') || spec.endings.includes(event);
      if (!known && !isExcused(DECIDED_IN_THE_APP, name, `!${event}`)) found.push(`${name}!${event}: an event of mediasoup that nobody is told of`);
    }
    for (const event of declared.observerEvents.keys()) {
      const known = event in spec.events && spec.events[event]?.observer !== false;
      if (!known && !isExcused(DECIDED_IN_THE_APP, name, `°${event}`)) found.push(`${name}°${event}: an observer event of mediasoup that nobody is told of`);
    }
    for (const ending of spec.endings) if (!declared.events.has(ending)) found.push(`${name}!${ending}: an ending that mediasoup does not have`);
    for (const [event, eventSpec] of Object.entries<EventSpec>(spec.events)) {
      if (eventSpec.observer !== 'only' && !declared.events.has(event)) found.push(`${name}!${event}: mediasoup does not have it`);
      if (eventSpec.observer !== false && !declared.observerEvents.has(event)) found.push(`${name}°${event}: mediasoup does not have it`);
      const args = (eventSpec.observer === 'only' ? declared.observerEvents : declared.events).get(event);
      if (args) compareArguments(name, event, eventSpec, args);
    }
  }

  function compareArguments(name: ClassName, event: string, { sets, bytes, names }: EventSpec, args: readonly ts.Type[]): void {
    const state = surface.states.get(name) as Map<string, ts.Type>;
    const texts = args.map(surface.text);
    if (sets !== undefined) {
      const type = state.get(sets);
      if (!type || !args[0] || !surface.assignable(type, args[0])) found.push(`${name}!${event}: sets ${sets} to ${texts[0] ?? 'nothing'}, which is another type`);
    }
    if (bytes !== (texts[0]?.startsWith('Buffer') ? true : undefined)) found.push(`${name}!${event}: takes ${texts.join(', ')}, the contract says bytes: ${bytes}`);
    const live = args.some(surface.holdsLive);
    if (live !== (names !== undefined)) found.push(`${name}!${event}: takes ${texts.join(', ')}, the contract says names: ${names}`);
  }

  function compareMethod(method: string, { params, result, async }: DeclaredMethod): void {
    const spec = methods[method] as MethodTable[string];
    if (async !== (spec.kind === 'request')) found.push(`${method}: ${async ? 'answers in mediasoup' : 'answers nothing in mediasoup'}, and is a ${spec.kind}`);
    const given = new Map(surface.params.get(method));
    const [target] = given.keys();
    given.delete(target as string);
    params.forEach((param, index) => {
      const keys = TRANSLATED[method]?.[index] ?? [...given.keys()].slice(0, 1);
      const [key] = keys;
      const type = key === undefined ? undefined : given.get(key);
      for (const taken of keys) given.delete(taken);
      if (!type) found.push(`${method}: parameter ${index + 1} (${surface.text(param)}) is not carried`);
      else if (!TRANSLATED[method]?.[index] || keys[0] === 'ppid') compareParameter(method, key as string, param, type, given);
    });
    for (const key of given.keys()) found.push(`${method}: mediasoup takes no ${key}`);
    compareResult(method, result);
  }

  /** Either of the same type, or options without what is named beside them. */
  function compareParameter(method: string, key: string, param: ts.Type, type: ts.Type, given: Map<string, ts.Type>): void {
    const options = surface.properties(param);
    if (surface.same(param, type) && !options.has('appData')) return;
    const carriedOptions = surface.properties(type);
    for (const [option, optionType] of options) {
      if (option === 'appData' || carriedOptions.has(option)) {
        const isShared = option !== 'appData' || given.delete('appData') || method === 'worker.updateSettings';
        if (!isShared) found.push(`${method}: ${key}.appData is not shared`);
        if (option !== 'appData' && surface.holdsLive(optionType)) found.push(`${method}: ${key}.${option} is a live object, which does not travel`);
      } else if (!given.delete(option)) found.push(`${method}: ${key}.${option} is not carried`);
    }
    for (const option of carriedOptions.keys()) if (!options.has(option)) found.push(`${method}: mediasoup has no ${key}.${option}`);
  }

  function compareResult(method: string, result: ts.Type): void {
    const answered = surface.results.get(method) as ts.Type;
    const made = surface.classOf(result);
    if (made === undefined) {
      if (!surface.same(answered, result)) found.push(`${method}: mediasoup answers ${surface.text(result)}, the contract ${surface.text(answered)}`);
      return;
    }
    const expected = `ObjectRecord<${made.slice(0, 1).toUpperCase()}${made.slice(1)}State>`;
    if (surface.text(answered) !== expected) found.push(`${method}: makes a ${made}, and answers ${surface.text(answered)}`);
  }
}

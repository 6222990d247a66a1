import { fileURLToPath } from 'node:url';

import { classes } from '@mediacluster/rope/contract';
import type { ClassName } from '@mediacluster/rope/contract';
import ts from '@typescript/typescript6';

/** What mediasoup's declarations say of a method. */
export interface DeclaredMethod {
  readonly params: readonly ts.Type[];
  /** What it returns, or what its promise resolves to. */
  readonly result: ts.Type;
  readonly async: boolean;
}

/** The public members of one class of mediasoup, inherited ones included. */
export interface DeclaredClass {
  readonly getters: Map<string, ts.Type>;
  readonly methods: Map<string, DeclaredMethod>;
  readonly events: Map<string, readonly ts.Type[]>;
  readonly observerEvents: Map<string, readonly ts.Type[]>;
}

/** mediasoup's declarations and the contract's types, in one program, so that the compiler can compare them. */
export interface Surface {
  readonly classes: Map<ClassName, DeclaredClass>;
  /** The base of the transports and of the observers: what their kinds share. */
  readonly bases: Map<'transport' | 'rtpObserver', DeclaredClass>;
  /** What `import * as mediasoup` gives. */
  readonly exports: readonly string[];
  readonly params: Map<string, Map<string, ts.Type>>;
  readonly results: Map<string, ts.Type>;
  readonly states: Map<ClassName, Map<string, ts.Type>>;
  same(one: ts.Type, other: ts.Type): boolean;
  assignable(from: ts.Type, to: ts.Type): boolean;
  properties(type: ts.Type): Map<string, ts.Type>;
  /** The class of mediasoup that a type is, if it is one. */
  classOf(type: ts.Type): ClassName | undefined;
  /** Whether there is a function in it, or an object that emits events: what no JSON carries. */
  holdsLive(type: ts.Type): boolean;
  text(type: ts.Type): string;
}

const PROBE = fileURLToPath(new URL('mediasoup-probe.ts', import.meta.url));
const pascal = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);
const NAMES = Object.keys(classes) as ClassName[];

// What the compiler is asked about. The names on the right are mediasoup's and the contract's own.
const PROBE_TEXT = `
import type * as m from 'mediasoup/types';
import type { EventEmitter } from 'node:events';
import type * as contract from '../../rope/src/contract/index.ts';
export * as mediasoup from 'mediasoup';
export type Params = { [Name in keyof contract.Methods]: contract.MethodParams<Name> };
export type Results = { [Name in keyof contract.Methods]: contract.MethodResult<Name> };
export type Emitter = EventEmitter;
export type Objects = { transport: m.Transport; rtpObserver: m.RtpObserver; ${NAMES.map(name => `${name}: m.${pascal(name)}`).join('; ')} };
export type Events = { transport: m.TransportEvents; rtpObserver: m.RtpObserverEvents; ${NAMES.map(name => `${name}: m.${pascal(name)}Events`).join('; ')} };
export type ObserverEvents = { transport: m.TransportObserverEvents; rtpObserver: m.RtpObserverObserverEvents; ${NAMES.map(name => `${name}: m.${pascal(name)}ObserverEvents`).join('; ')} };
export type States = { ${NAMES.map(name => `${name}: contract.${pascal(name)}State`).join('; ')} };
`;

/** Reads the installed mediasoup's declarations. Throws when one of its classes, or of the contract's states, has no declaration. */
export function readSurface(): Surface {
  const options: ts.CompilerOptions = {
    strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true, target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = file => (file === PROBE ? PROBE_TEXT : readFile(file));
  host.fileExists = file => file === PROBE || fileExists(file);
  host.getSourceFile = (file, target) => {
    const text = host.readFile(file);
    return text === undefined ? undefined : ts.createSourceFile(file, text, target, true);
  };
  const program = ts.createProgram([PROBE], options, host);
  const probe = program.getSourceFile(PROBE) as ts.SourceFile;
  const problems = program.getSemanticDiagnostics(probe).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  if (problems.length > 0) throw new Error(`mediasoup's declarations and the contract's do not fit:\n${problems.join('\n')}`);
  const checker = program.getTypeChecker();

  const exported = new Map(checker.getExportsOfModule(checker.getSymbolAtLocation(probe) as ts.Symbol).map(symbol => [symbol.name, symbol]));
  const alias = (name: string): ts.Type => checker.getDeclaredTypeOfSymbol(exported.get(name) as ts.Symbol);
  const typeOf = (symbol: ts.Symbol): ts.Type => checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(symbol, probe));
  const properties = (type: ts.Type): Map<string, ts.Type> => new Map(checker.getPropertiesOfType(type).map(symbol => [symbol.name, typeOf(symbol)]));
  const emitter = alias('Emitter');
  const objects = properties(alias('Objects'));

  const declared = (name: string): DeclaredClass => {
    const members = checker.getPropertiesOfType(objects.get(name) as ts.Type).filter(isPublic);
    const methods = members.filter(({ flags }) => flags & ts.SymbolFlags.Method);
    return {
      getters: new Map(members.filter(({ flags }) => !(flags & ts.SymbolFlags.Method)).map(symbol => [symbol.name, typeOf(symbol)])),
      methods: new Map(methods.map(symbol => [symbol.name, methodOf(typeOf(symbol))])),
      events: eventsOf(properties(alias('Events')).get(name) as ts.Type),
      observerEvents: eventsOf(properties(alias('ObserverEvents')).get(name) as ts.Type),
    };
  };
  const methodOf = (type: ts.Type): DeclaredMethod => {
    const [signature] = type.getCallSignatures() as [ts.Signature];
    const returned = signature.getReturnType();
    const async = returned.symbol?.name === 'Promise';
    const [promised] = async ? checker.getTypeArguments(returned as ts.TypeReference) : [];
    return { params: signature.getParameters().map(typeOf), result: promised ?? returned, async };
  };
  const eventsOf = (type: ts.Type): Map<string, readonly ts.Type[]> => new Map([...properties(type)]
    .filter(([event]) => !event.startsWith('@'))
    .map(([event, args]) => [event, checker.getTypeArguments(args as ts.TypeReference)]));

  const seen = new Map<ts.Type, boolean>();
  const holdsLive = (type: ts.Type): boolean => {
    if (type.isUnionOrIntersection() && !(type.flags & ts.TypeFlags.Intersection)) return type.types.some(holdsLive);
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) || checker.typeToString(type).startsWith('Buffer')) return false;
    if (checker.isArrayType(type) || checker.isTupleType(type)) return checker.getTypeArguments(type as ts.TypeReference).some(holdsLive);
    const known = seen.get(type);
    if (known !== undefined) return known;
    seen.set(type, false); // a type that holds itself
    const live = type.getCallSignatures().length > 0 || checker.isTypeAssignableTo(type, emitter) || [...properties(type).values()].some(holdsLive);
    seen.set(type, live);
    return live;
  };
  const assignable = (from: ts.Type, to: ts.Type): boolean => checker.isTypeAssignableTo(from, to);
  return {
    classes: new Map(NAMES.map(name => [name, declared(name)])),
    bases: new Map((['transport', 'rtpObserver'] as const).map(name => [name, declared(name)])),
    exports: checker.getExportsOfModule(checker.getAliasedSymbol(exported.get('mediasoup') as ts.Symbol)).map(({ name }) => name),
    params: new Map([...properties(alias('Params'))].map(([method, params]) => [method, properties(params)])),
    results: new Map(checker.getPropertiesOfType(alias('Results')).map(symbol => [symbol.name, checker.getTypeOfSymbolAtLocation(symbol, probe)])),
    states: new Map([...properties(alias('States'))].map(([name, state]) => [name as ClassName, properties(state)])),
    same: (one, other) => assignable(one, other) && assignable(other, one),
    assignable,
    properties,
    classOf: type => NAMES.find(name => type.symbol !== undefined && type.symbol === objects.get(name)?.symbol),
    holdsLive,
    text: type => checker.typeToString(type),
  };
}

/** mediasoup marks what is for its own use; what an EventEmitter has is no member of ours. */
function isPublic(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? [];
  const file = declaration?.getSourceFile().fileName ?? '';
  return /\/mediasoup\/node\/lib\/(?!enhancedEvents)/.test(file) && !symbol.getJsDocTags().some(({ name }) => name === 'private');
}

import type { Finding, RuleName } from './finding.ts';
import { calledName, isNode, nameOf, readSyntax, within } from './syntax.ts';
import type { Node, Syntax } from './syntax.ts';

interface Rule {
  readonly name: RuleName;
  readonly remedy: string;
  /** What is wrong with this node; undefined when nothing is. */
  find(node: Node, above: readonly Node[], syntax: Syntax): string | undefined;
}

const SUBSCRIBES = new Set<string | undefined>(['on', 'once', 'addListener', 'prependListener']);
const ENDS = new Set<string | undefined>(['exit', 'abort', 'kill', 'reallyExit']);
const CREATES = new Set<string | undefined>([
  'createWorker', 'createWebRtcServer', 'createRouter', 'createWebRtcTransport', 'createPlainTransport', 'createPipeTransport', 'createDirectTransport',
  'createActiveSpeakerObserver', 'createAudioLevelObserver', 'pipeToRouter', 'produce', 'consume', 'produceData', 'consumeData',
]);
const ADDRESSES = new Set(['announcedIp', 'announcedAddress', 'rtcMinPort', 'rtcMaxPort', 'portRange']);
const TAKES_PID = new Set<string | undefined>(['kill', 'pidusage']);
const FILES = new Set(['dtlsCertificateFile', 'dtlsPrivateKeyFile', 'workerBin']);

const RULES: readonly Rule[] = [
  {
    name: 'died-ends-app',
    remedy: 'close what lived in that worker and make it anew on another node: the other calls go on',
    find: (node, _above, syntax) => {
      const [event, handler] = argumentsOf(node);
      if (!isCall(node) || !SUBSCRIBES.has(calledName(node)) || event?.['value'] !== 'died' || !handler) return undefined;
      const body = handler.type === 'Identifier' ? syntax.functionNamed(handler['name'] as string) : handler;
      return body && [...within(body)].some(endsApp) ? '`died` ends the app, and with it every call on every other node' : undefined;
    },
  },
  {
    name: 'workers-per-cpu',
    remedy: 'make as many workers as the app wants to spread its rooms over; a node says how many it takes (--max-workers, pod.workers)',
    find: (node, _above, { text }) => {
      const name = isCall(node) ? calledName(node) : undefined;
      if ((name !== 'cpus' && name !== 'availableParallelism') || !/createWorker|mediasoup/.test(text)) return undefined;
      return `${name}() counts the processors of the app's host, not those of the media nodes`;
    },
  },
  {
    name: 'fixed-address',
    remedy: 'leave it out and listen on 0.0.0.0: the node fills in its own address and its own ports',
    find: (node, above) => {
      const name = isGiven(node, above) ? nameOf(node) : undefined;
      if (name === undefined) return undefined;
      if (ADDRESSES.has(name)) return `${name} is fixed here, and every node has its own`;
      return name === 'port' && isListenInfo(above[0]!) ? 'a port is fixed here, and each can be taken only once on a node' : undefined;
    },
  },
  {
    name: 'not-awaited',
    remedy: 'await it, or keep its promise and handle its rejection',
    find: (node, above) => {
      if (!isCall(node) || !isMember(node['callee']) || !CREATES.has(calledName(node))) return undefined;
      const [parent, grand] = above;
      const dropped = parent?.type === 'ExpressionStatement' || (parent?.type === 'UnaryExpression' && parent['operator'] === 'void' && grand?.type === 'ExpressionStatement');
      return dropped ? `nobody waits for ${calledName(node)}(): over a network it may fail, or end long after the next line` : undefined;
    },
  },
  {
    name: 'local-file',
    remedy: 'name a file of the media node, or leave it out',
    find: (node, above) => {
      const name = isGiven(node, above) ? nameOf(node) : undefined;
      return name !== undefined && FILES.has(name) ? `${name} is a path on the media node, not on the app's host` : undefined;
    },
  },
  {
    name: 'local-pid',
    remedy: 'use worker.close(), worker.getResourceUsage() or the manager\'s getStats()',
    find: node => {
      if (!isCall(node) || !TAKES_PID.has(calledName(node))) return undefined;
      return argumentsOf(node).some(isWorkersPid) ? 'a worker\'s pid is that of a process on the media node' : undefined;
    },
  },
  {
    name: 'internals',
    remedy: 'use the public members alone: only they are carried to a media node',
    find: node => {
      const name = isMember(node) ? nameOf(node) : undefined;
      if (name?.endsWith('ForTesting')) return `${name} is mediasoup's own`;
      const [event] = isCall(node) && SUBSCRIBES.has(calledName(node)) ? argumentsOf(node) : [];
      return typeof event?.['value'] === 'string' && event['value'].startsWith('@') ? `the event ${event['value']} is mediasoup's own` : undefined;
    },
  },
];

/**
 * What in this source file hurts an app whose media is remote. Pure.
 *
 * @param file its name: the ending says which language it is
 * @throws SyntaxError when it cannot be read
 */
export function findingsOf(text: string, file: string): Finding[] {
  const syntax = readSyntax(text, file);
  return syntax.nodes.flatMap(({ node, above }) => RULES.flatMap(({ name, remedy, find }) => {
    const what = find(node, above, syntax);
    const { line, column } = node.loc!.start;
    return what === undefined ? [] : [{ line, column: column + 1, rule: name, what, remedy }];
  }));
}

function isCall({ type }: Node): boolean {
  return type === 'CallExpression' || type === 'OptionalCallExpression';
}

function isMember(node: unknown): node is Node {
  return isNode(node) && (node.type === 'MemberExpression' || node.type === 'OptionalMemberExpression');
}

/** A field of an object that is being made, not one that is taken out of it. */
function isGiven({ type }: Node, [object]: readonly Node[]): boolean {
  return type === 'ObjectProperty' && object?.type === 'ObjectExpression';
}

function isWorkersPid(node: Node): boolean {
  return isMember(node) && nameOf(node) === 'pid' && !(isNode(node['object']) && nameOf(node['object']) === 'process');
}

function argumentsOf(node: Node): Node[] {
  return Array.isArray(node['arguments']) ? (node['arguments'] as Node[]) : [];
}

function endsApp(node: Node): boolean {
  if (node.type === 'ThrowStatement') return true;
  const { callee } = node;
  return isCall(node) && isMember(callee) && ENDS.has(nameOf(callee)) && isNode(callee['object']) && nameOf(callee['object']) === 'process';
}

/** The object around a `port` is listen information when it says so by its other fields. */
function isListenInfo(object: Node): boolean {
  const names = (object['properties'] as Node[]).map(property => nameOf(property));
  return names.includes('protocol') || names.includes('listenIp') || names.includes('listenIps') || names.includes('listenInfos');
}

import { parse } from './parser.ts';

/** A node of the syntax tree, as far as the rules look at it. */
export interface Node {
  readonly type: string;
  readonly loc?: { readonly start: { readonly line: number; readonly column: number } };
  readonly [field: string]: unknown;
}

/** A source file's tree, and how to ask about it. */
export interface Syntax {
  readonly text: string;
  /** Every node with those above it, nearest first. */
  readonly nodes: readonly { readonly node: Node; readonly above: readonly Node[] }[];
  /** A function that the file declares under this name. */
  functionNamed(name: string): Node | undefined;
}

const SKIPPED = new Set(['loc', 'start', 'end', 'tokens', 'comments', 'leadingComments', 'trailingComments', 'innerComments', 'extra', 'errors']);

/** Reads a source file: JavaScript or TypeScript, module or script. @throws SyntaxError when it is neither */
export function readSyntax(text: string, file: string): Syntax {
  const tree = parse(text, {
    sourceType: 'unambiguous',
    errorRecovery: true,
    plugins: [...(/\.[cm]?ts$/.test(file) ? [] : ['jsx' as const]), ...(/\.[cm]?tsx?$/.test(file) ? ['typescript' as const] : []), 'decorators'],
  }) as unknown as Node;
  const nodes: { node: Node; above: readonly Node[] }[] = [];
  collect(tree, [], nodes);
  return {
    text,
    nodes,
    functionNamed: name => nodes.find(({ node }) => isFunctionOf(node, name))?.node,
  };
}

/** The name of what is called: `exit` for `process.exit()`, `cpus` for `cpus()`. */
export function calledName({ callee }: Node): string | undefined {
  return nameOf(callee as Node);
}

/** The name of an identifier, of a member's last part, or of a property's key. */
export function nameOf(node: Node): string | undefined {
  const { type, name, value } = node;
  if (type === 'Identifier') return name as string;
  if (type === 'StringLiteral') return value as string;
  const part = node['property'] ?? node['key'];
  return isNode(part) ? nameOf(part) : undefined;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** Every node at or below this one. */
export function* within(node: Node): IterableIterator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* within(child);
}

function collect(node: Node, above: readonly Node[], nodes: { node: Node; above: readonly Node[] }[]): void {
  nodes.push({ node, above });
  const path = [node, ...above];
  for (const child of childrenOf(node)) collect(child, path, nodes);
}

function childrenOf(node: Node): Node[] {
  return Object.entries(node).filter(([field]) => !SKIPPED.has(field)).flatMap(([, value]) => (Array.isArray(value) ? value : [value])).filter(isNode);
}

function isFunctionOf(node: Node, name: string): boolean {
  if (node.type === 'FunctionDeclaration') return isNode(node['id']) && nameOf(node['id']) === name;
  return node.type === 'VariableDeclarator' && isNode(node['id']) && nameOf(node['id']) === name && isNode(node['init']) && /Function/.test(node['init'].type);
}

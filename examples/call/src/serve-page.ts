import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';

const TYPES: Record<string, string> = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
// Beside this file when everything is one bundle in dist/, one folder up when it runs as it stands.
const FOLDERS = [new URL('page/', import.meta.url), new URL('../dist/page/', import.meta.url)];

/** Answers with a file of the built page; every other path is 404. */
export function servePage(request: IncomingMessage, response: ServerResponse): void {
  const [pathname = '/'] = (request.url ?? '/').split('?'); // not by URL, which throws at a path such as //
  void send(pathname, response);
}

async function send(pathname: string, response: ServerResponse): Promise<void> {
  const name = pathname === '/' ? 'index.html' : pathname.slice(1);
  const type = TYPES[name.split('.').at(-1) ?? ''];
  // One flat folder of plain names: nothing that could climb out of it.
  const content = type && /^[\w-]+\.\w+$/.test(name) ? await read(name) : undefined;
  if (!content) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    return;
  }
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' }).end(content);
}

async function read(name: string): Promise<Buffer | undefined> {
  for (const folder of FOLDERS) {
    const content = await readFile(new URL(name, folder)).catch(() => undefined);
    if (content) return content;
  }
  return undefined;
}

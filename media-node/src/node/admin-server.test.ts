import { createServer } from 'node:http';

import { afterEach, describe, expect, test } from '@jest/globals';

import { ListenError } from '../errors.ts';
import { AdminServer, json, listenOn, plain } from './admin-server.ts';

describe('the admin port', () => {
  const server = new AdminServer({
    '/status': () => json(200, { workers: 0 }),
    '/livez': async () => plain(200, 'ok\n'),
    '/broken': () => { throw new Error('no status today'); },
  });
  afterEach(() => server.close());

  test('answers its paths, tells the others which there are, and changes nothing', async () => {
    const url = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
    const status = await fetch(`${url}/status?x=1`);
    expect([status.status, await status.json()]).toEqual([200, { workers: 0 }]);
    expect(await (await fetch(`${url}/livez`)).text()).toBe('ok\n');
    const head = await fetch(`${url}/livez`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const unknown = await fetch(`${url}/constructor`);
    expect([unknown.status, await unknown.text()]).toEqual([404, 'there is /status /livez /broken\n']);
    expect((await fetch(`${url}/status`, { method: 'POST' })).status).toBe(405);
    const broken = await fetch(`${url}/broken`);
    expect([broken.status, await broken.text()]).toEqual([500, 'no status today\n']);
  });

  test('says which flag to change when its port is taken or its address is not here', async () => {
    const other = createServer();
    const port = await listenOn(other, 0, '127.0.0.1', '--port');
    const refused = new AdminServer({});
    await expect(refused.listen(port, '127.0.0.1')).rejects.toThrow(ListenError);
    await expect(refused.listen(port, '127.0.0.1')).rejects.toThrow(`127.0.0.1:${port} is taken: choose another with --admin-port, or 0 for a free one`);
    await expect(new AdminServer({}).listen(0, '203.0.113.99')).rejects.toThrow(/cannot be listened on/);
    other.close();
    await refused.close(); // never listened: nothing to wait for
  });
});

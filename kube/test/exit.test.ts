import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ScriptedServer } from '@mediacluster/kube/testing';

let server: ScriptedServer;
beforeEach(async () => { server = await ScriptedServer.start(); });
afterEach(() => server.stop());

const pod = (resourceVersion: string): object => ({ metadata: { name: 'a', namespace: 'x', uid: 'u', resourceVersion } });

/** Runs a program that has this package and the server's address; resolves with its output once it has ended by itself. */
function run(program: string): Promise<{ code: number | null; output: string }> {
  const index = fileURLToPath(new URL('../src/index.ts', import.meta.url));
  const source = `const { connectKube, kinds, Informer, Controller, EventRecorder } = await import(${JSON.stringify(index)});
    const kube = connectKube({ server: ${JSON.stringify(server.url)} });
    ${program}`;
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', source], { env: { PATH: process.env['PATH'] } });
  let output = '';
  child.stdout.on('data', (text: Buffer) => { output += text.toString(); });
  child.stderr.on('data', (text: Buffer) => { output += text.toString(); });
  return new Promise(resolve => child.once('close', code => resolve({ code, output })));
}

describe('a process ends by itself', () => {
  test('after close(), with a call just made', async () => {
    const ended = run('await kube.get(kinds.pods, "a"); await kube.close(); console.log("done");');
    (await server.next()).answer(200, { metadata: { name: 'a' } });
    expect(await ended).toEqual({ code: 0, output: 'done\n' });
  });

  test('after stop() and close(), while a watch, a controller and a recorder are at work', async () => {
    const ended = run(`
      const informer = new Informer(kube, kinds.pods, {});
      const recorder = new EventRecorder(kube, { reportingController: 'c', reportingInstance: 'i' });
      const controller = new Controller({ name: 'test', informers: [informer], resyncMs: 600_000, reconcile: async key => {
        const pod = informer.store.get(key);
        console.log('reconciled', key, pod.metadata.resourceVersion);
        recorder.record(pod, { type: 'Normal', reason: 'Seen', action: 'See', note: key });
        if (pod.metadata.resourceVersion === '6') setImmediate(async () => {
          await controller.stop();
          await informer.stop();
          await recorder.close();
          await kube.close();
          console.log('done');
        });
        return { requeueAfterMs: 60_000 };
      } });
      const enqueue = pod => controller.enqueue(pod.metadata.namespace + '/' + pod.metadata.name);
      informer.on({ added: enqueue, updated: (_, pod) => enqueue(pod) });
      controller.start();`);
    (await server.next()).list([pod('1')], '5');
    // The Event and the watch come in either order; the Event is never answered.
    const two = [await server.next(), await server.next()];
    two.find(request => request.isWatch)?.event('MODIFIED', pod('6'));
    expect(await ended).toEqual({ code: 0, output: 'reconciled x/a 1\nreconciled x/a 6\ndone\n' });
  });

  test('after stop() and close(), while the API server is away', async () => {
    await server.stop();
    expect(await run(`
      const informer = new Informer(kube, kinds.pods, {});
      informer.start();
      while (informer.health.lastError === undefined) await new Promise(resolve => setTimeout(resolve, 5));
      console.log(informer.health.lastError.code);
      await informer.stop();
      await kube.close();`)).toEqual({ code: 0, output: 'KUBE_UNREACHABLE\n' });
  });
});

test('the Kubernetes client is not loaded where no kubeconfig asks for it', async () => {
  const ended = run(`
    const { registerHooks } = await import('node:module');
    const loaded = [];
    registerHooks({ resolve: (name, context, next) => { loaded.push(name); return next(name, context); } });
    await kube.get(kinds.pods, 'a');
    await kube.close();
    await import('node:os');
    console.log(loaded.some(name => name.includes('client-node')), loaded.includes('node:os'));`);
  (await server.next()).answer(200, { metadata: { name: 'a' } });
  expect(await ended).toEqual({ code: 0, output: 'false true\n' });
});

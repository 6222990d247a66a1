import { describe, expect, test } from '@jest/globals';

import { findingsOf } from './rules.ts';

const found = (text: string, file = 'app.ts'): string[] => findingsOf(text, file).map(({ line, column, rule }) => `${line}:${column} ${rule}`);

describe('died-ends-app', () => {
  test.each([
    ['a handler that exits', "worker.on('died', () => { setTimeout(() => process.exit(1), 2000); });"],
    ['a handler that throws', "worker.once('died', error => { throw error; });"],
    ['a handler that is a function of the file', "function onDied() { process.abort(); }\nworker.on('died', onDied);"],
    ['a handler that is a constant of the file', "const onDied = () => process.kill(process.pid);\nworker.addListener('died', onDied);"],
  ])('finds %s', (_what, text) => {
    expect(found(text)).toEqual([expect.stringContaining('died-ends-app')]);
  });

  test('leaves alone a handler that makes things anew, one it cannot see, and other events', () => {
    expect(found("worker.on('died', () => rooms.restart()); worker.on('died', handlers.died); worker.on('died'); other.on('exit', () => process.exit());")).toEqual([]);
  });
});

describe('workers-per-cpu', () => {
  test('finds loops over the host\'s processors, in a file that makes workers', () => {
    expect(found('for (const _ of os.cpus()) await mediasoup.createWorker();\nconst n = availableParallelism();')).toEqual(['1:17 workers-per-cpu', '2:11 workers-per-cpu']);
  });

  test('leaves alone a file that makes none', () => {
    expect(found('pool.resize(os.cpus().length);')).toEqual([]);
  });
});

describe('fixed-address', () => {
  test('finds announced addresses and ports', () => {
    const text = "const options = {\n  rtcMinPort: 40000,\n  listenInfos: [{ protocol: 'udp', ip: '0.0.0.0', announcedAddress: '1.2.3.4', port: 44444 }],\n  'rtcMaxPort': 49999 };";
    expect(found(text)).toEqual(['2:3 fixed-address', '3:51 fixed-address', '3:80 fixed-address', '4:3 fixed-address']);
  });

  test('leaves alone the port of something else, and reading one', () => {
    expect(found('http.listen({ port: 3000 }); const { rtcMinPort } = settings;')).toEqual([]);
  });
});

describe('not-awaited', () => {
  test('finds calls whose promise nobody keeps', () => {
    expect(found('router.createWebRtcTransport(options);\nvoid transport?.produce(options);')).toEqual(['1:1 not-awaited', '2:6 not-awaited']);
  });

  test('leaves alone what is awaited, kept, handled, or a function of another kind', () => {
    expect(found('await a.createRouter(); const p = a.createRouter(); a.consume().catch(log); return_(a.produce()); createWorker(); x.create(); (() => a)();')).toEqual([]);
  });
});

describe('the others', () => {
  test('find files, pids and internals', () => {
    const text = "createWorker({ dtlsCertificateFile: 'cert.pem', workerBin: '/bin/x' });\nprocess.kill(worker.pid);\nworker.channelForTesting.notify();\nworker.on('@close', stop);";
    expect(found(text)).toEqual(['1:16 local-file', '1:49 local-file', '2:1 local-pid', '3:1 internals', '4:1 internals']);
  });
});

describe('languages', () => {
  test.each([
    ['TypeScript with a cast', 'const a = <string>b; a.consume();', 'a.ts'],
    ['TSX', 'const a = <p>hi</p> as unknown; a.consume();', 'a.tsx'],
    ['JavaScript with JSX', 'const a = <p>hi</p>; a.consume();', 'a.js'],
    ['CommonJS', "const m = require('mediasoup'); m.consume();", 'a.cjs'],
    ['a module with await at its top', "import m from 'mediasoup'; await m.x(); m.consume();", 'a.mjs'],
  ])('reads %s', (_what, text, file) => {
    expect(found(text, file)).toEqual([expect.stringContaining('not-awaited')]);
  });

  test('throws a SyntaxError for what is no source', () => {
    expect(() => findingsOf('<<<<<<< ours', 'a.ts')).toThrow(SyntaxError);
  });
});

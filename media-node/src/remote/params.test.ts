import { methods } from '@mediacluster/rope/contract';
import { describe, expect, test } from '@jest/globals';

import { checkParams } from './params.ts';

describe('the parameters of a message', () => {
  test.each(Object.keys(methods).filter(name => name.includes('.') && !name.startsWith('mediasoup.') && !name.startsWith('node.')))(
    'of %s must name their object by a number',
    method => {
      const target = method.startsWith('webRtcTransport.') ? 'transport' : method.slice(0, method.indexOf('.'));
      const data = Buffer.of(1);
      const others = { producer: 2, data };
      expect(() => checkParams(method, { ...others, [target]: 1 })).not.toThrow();
      for (const wrong of [undefined, null, 0, -1, 1.5, 2 ** 53, '1', { object: 1 }]) {
        expect(() => checkParams(method, { ...others, [target]: wrong })).toThrow(TypeError);
      }
    },
  );

  test('are named in the error with what they must be', () => {
    expect(() => checkParams('router.dump', {})).toThrow(new TypeError('router.dump: router must be the number of an object (it is missing)'));
    expect(() => checkParams('router.close', { router: 'x'.repeat(100) }))
      .toThrow(new TypeError(`router.close: router must be the number of an object (it is "${'x'.repeat(39)})`));
    expect(() => checkParams('producer.send', { producer: 1, data: 'AAAA' })).toThrow('data must be bytes, in a binary frame (it is "AAAA")');
    expect(() => checkParams('dataProducer.send', { dataProducer: 1, text: 5 })).toThrow('text must be a string (it is 5)');
    expect(() => checkParams('mediasoup.setLogLevels', { debug: 1, warn: true, error: true })).toThrow('debug must be true or false (it is 1)');
    expect(() => checkParams('mediasoup.setAppData', { object: 1, appData: [] })).toThrow('appData must be an object (it is [])');
    expect(() => checkParams('router.createWebRtcTransport', { router: 1, webRtcServer: 'mine' })).toThrow('webRtcServer must be the number of an object');
  });

  test('that mediasoup takes go through as they came, wrong ones and new ones too', () => {
    const params = { router: 1, options: { listenInfo: 5, newInVersion4: { deep: [null, 'x'] } }, other: true };
    const copy = structuredClone(params);
    checkParams('router.createPlainTransport', params);
    expect(params).toEqual(copy);
    for (const options of [undefined, null, 7, 'options', []]) expect(() => checkParams('router.createPlainTransport', { router: 1, options })).not.toThrow();
    expect(() => checkParams('consumer.setPriority', { consumer: 1, priority: 'high' })).not.toThrow();
    expect(() => checkParams('transport.enableTraceEvent', { transport: 1, types: 'probation' })).not.toThrow();
  });

  test('of a method that nobody knows are left to those who say so', () => {
    expect(() => checkParams('router.explode', {})).not.toThrow();
    expect(() => checkParams('constructor', {})).not.toThrow();
  });

  test('may hold bytes of any length, which are not looked into', () => {
    const params = { producer: 1, data: new Uint8Array(1_000_000) };
    checkParams('producer.send', params);
    expect(params.data).toHaveLength(1_000_000);
  });
});

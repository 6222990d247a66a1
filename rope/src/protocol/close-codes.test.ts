import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';

import { closeReason } from './close-codes.ts';

describe('closeReason', () => {
  test('fits into a close frame, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), text => {
      expect(Buffer.byteLength(closeReason(text))).toBeLessThanOrEqual(123);
    }));
  });

  test('keeps a short plain text', () => {
    expect(closeReason('no hello in time')).toBe('no hello in time');
  });
});

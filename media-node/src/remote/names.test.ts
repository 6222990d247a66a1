import { describe, expect, test } from '@jest/globals';

import { namesOf } from './names.ts';

const known = { id: 'known' };
const other = { id: 'other' };
const gone = { id: 'gone' };
const idOf = (producer: unknown): number | undefined => (producer === known ? 7 : producer === other ? 8 : undefined);

describe('the producers in the arguments of an event', () => {
  test('become their numbers', () => {
    expect(namesOf([known], idOf)).toEqual([7]);
    expect(namesOf([{ producer: known }], idOf)).toEqual([{ producer: 7 }]);
    expect(namesOf([[{ producer: known, volume: -40 }, { producer: other, volume: -60 }]], idOf))
      .toEqual([[{ producer: 7, volume: -40 }, { producer: 8, volume: -60 }]]);
  });

  test('are left out when the session cannot know them', () => {
    expect(namesOf([[{ producer: gone, volume: -40 }, { producer: known, volume: -50 }]], idOf)).toEqual([[{ producer: 7, volume: -50 }]]);
  });

  test('silence the event when none is left', () => {
    expect(namesOf([gone], idOf)).toBeUndefined();
    expect(namesOf([{ producer: gone }], idOf)).toBeUndefined();
    expect(namesOf([[{ producer: gone, volume: -40 }]], idOf)).toBeUndefined();
  });
});

import { expect, test } from '@jest/globals';

import * as operator from './index.ts';

test('others may have the CRD and the words of its API, and nothing that acts', () => {
  expect(Object.keys(operator).toSorted()).toEqual(['API_VERSION', 'GROUP', 'KIND', 'PLURAL', 'VERSION', 'mediaClusterCrd', 'mediaClusterSpec', 'mediaClusterStatus', 'parseSpec']);
});

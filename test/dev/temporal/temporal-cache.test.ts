import { expect, it } from 'vitest';

import { cacheDirectory } from '../../../src/dev/temporal/temporal-cache.js';

it.each([
  ['linux', {}, '/home/ada/.cache/titanflow'],
  ['linux', { XDG_CACHE_HOME: '/var/cache/ada' }, '/var/cache/ada/titanflow'],
  ['darwin', { XDG_CACHE_HOME: '/var/cache/ada' }, '/home/ada/Library/Caches/titanflow'],
  ['win32', { LOCALAPPDATA: '/local' }, '/local/titanflow'],
] as const)('on %s with %o the cache is %s', (platform, env, directory) => {
  expect(cacheDirectory(env, platform, '/home/ada')).toBe(directory);
});

import { describe, expect, it } from 'vitest';
import { cacheFolder } from '../../src/infra/cache-folder.ts';

describe('cache folder', () => {
  it.each([
    [{ NETRA_CACHE_DIR: '/n', XDG_CACHE_HOME: '/x', HOME: '/h' }, '/n'],
    [{ NETRA_CACHE_DIR: '', XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x/netra-resilience'],
    [{ HOME: '/h' }, '/h/.cache/netra-resilience'],
  ])('P01 of %o is %s', (environment, folder) => {
    expect(cacheFolder(environment)).toBe(folder);
  });
});

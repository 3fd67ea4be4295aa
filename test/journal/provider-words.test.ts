import { describe, expect, it } from 'vitest';
import { servicesOf } from '../../src/journal/provider-words.ts';

describe('where services come from', () => {
  it('P03 is said in words, also of a provider that only a journal knows', () => {
    expect(['embedded', 'containers', 'external', 'lunar'].map(servicesOf)).toEqual(['embedded services', 'services in containers', 'external services', 'lunar services']);
  });
});

import { describe, expect, it } from 'vitest';
import { clockTime, countOf, latency, shortCount, shortDuration, timeLeft } from '../../../src/tui/format/durations.ts';
import { sparkline } from '../../../src/tui/format/sparkline.ts';

describe('figures on the screen', () => {
  it('P03 times are written as clocks, lengths as short as they can be read', () => {
    expect([0, 83_000, 3_723_000].map(clockTime)).toEqual(['00:00', '01:23', '1:02:03']);
    expect([400, 9_949, 9_951, 99_499, 125_000, 12_000_000].map(shortDuration)).toEqual(['0.4s', '9.9s', '10s', '99s', '2m05s', '3h20m']);
    expect([0.44, 9.94, 12.4, 998, 1_240].map(latency)).toEqual(['0.4ms', '9.9ms', '12ms', '998ms', '1.2s']);
    expect([countOf(4, 'connections'), countOf(1, 'processes'), countOf(1, 'calls'), countOf(0, 'bytes')]).toEqual(['4 connections', '1 process', '1 call', '0 bytes']);
    expect([7, 9_999, 12_345, 1_230_000].map(shortCount)).toEqual(['7', '9999', '12k', '1.2M']);
  });

  it('P03 what counts down is 0 only once it is over', () => {
    expect([-5, 0, 1, 1_000, 1_001].map(timeLeft)).toEqual(['0s', '0s', '1s', '1s', '2s']);
  });

  it('P03 a sparkline shows values against the greatest, failures as crosses and silence as nothing', () => {
    expect(sparkline([0, 50, 100, 'failed', 'none', 25], 20)).toBe('▁▄█× ▂');
    // Small values are not blown up to look like trouble.
    expect(sparkline([1, 2], 20)).toBe('▁▁');
  });
});

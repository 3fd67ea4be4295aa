import { duration } from '../../scenario/duration.ts';
import { defineToxicFault } from './toxic-fault.ts';

export const latency = defineToxicFault({
  type: 'latency',
  toxic: 'latency',
  summary: 'Every byte takes longer by a time that may vary',
  unit: 'bytes',
  parameters: {
    latency: duration.describe('Added to every byte'),
    jitter: duration.prefault('0ms').describe('Varies the latency by up to so much, both ways'),
  },
  attributes: ({ latency: latencyMs, jitter }) => ({ latency: latencyMs, jitter }),
});

import { z } from 'zod';
import { defineToxicFault } from './toxic-fault.ts';

export const bandwidth = defineToxicFault({
  type: 'bandwidth',
  toxic: 'bandwidth',
  summary: 'The line carries only so much',
  unit: 'bytes',
  parameters: {
    rate_kb_per_s: z.int().min(1).max(10_000_000).describe('Kilobytes a second').meta({ examples: [16] }),
  },
  attributes: ({ rate_kb_per_s }) => ({ rate: rate_kb_per_s }),
});

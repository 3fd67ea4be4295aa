import { z } from 'zod';
import { defineToxicFault } from './toxic-fault.ts';

export const limitData = defineToxicFault({
  type: 'limit-data',
  toxic: 'limit_data',
  summary: 'Connections end after so many bytes',
  unit: 'connections',
  parameters: {
    bytes: z.int().min(0).max(1_000_000_000).describe('What a connection carries before it is closed').meta({ examples: [4_096] }),
  },
  attributes: ({ bytes }) => ({ bytes }),
});

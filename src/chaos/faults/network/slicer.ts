import { z } from 'zod';
import { duration } from '../../scenario/duration.ts';
import { defineToxicFault } from './toxic-fault.ts';

export const slicer = defineToxicFault({
  type: 'slicer',
  toxic: 'slicer',
  summary: 'Data comes in small pieces with pauses in between',
  unit: 'bytes',
  parameters: {
    average_size: z.int().min(1).max(1_000_000).describe('Bytes of a piece').meta({ examples: [64] }),
    size_variation: z.int().min(0).max(1_000_000).default(0).describe('Bytes by which a piece may differ'),
    delay: duration.prefault('0ms').describe('Pause after each piece'),
  },
  attributes: ({ average_size, size_variation, delay }) => ({ average_size, size_variation, delay: delay * 1_000 }),
});

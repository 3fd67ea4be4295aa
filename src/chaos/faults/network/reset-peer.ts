import { duration } from '../../scenario/duration.ts';
import { defineToxicFault } from './toxic-fault.ts';

export const resetPeer = defineToxicFault({
  type: 'reset-peer',
  toxic: 'reset_peer',
  summary: 'Connections are reset (RST) when data comes',
  unit: 'connections',
  parameters: {
    timeout: duration.prefault('0ms').describe('From the first data to the reset'),
  },
  attributes: ({ timeout }) => ({ timeout }),
});

import { duration } from '../../scenario/duration.ts';
import { defineToxicFault } from './toxic-fault.ts';

export const slowClose = defineToxicFault({
  type: 'slow-close',
  toxic: 'slow_close',
  summary: 'Connections close late',
  unit: 'connections',
  parameters: {
    delay: duration.describe('From the end of the data to the end of the connection'),
  },
  attributes: ({ delay }) => ({ delay }),
});

import { duration } from '../../scenario/duration.ts';
import { defineToxicFault } from './toxic-fault.ts';

export const timeout = defineToxicFault({
  type: 'timeout',
  toxic: 'timeout',
  summary: 'Data is swallowed; a connection is closed after a time without any, or never',
  unit: 'bytes',
  parameters: {
    timeout: duration.prefault('0ms').describe('Closes a connection after so long without data; 0ms: never'),
  },
  attributes: ({ timeout: timeoutMs }) => ({ timeout: timeoutMs }),
});

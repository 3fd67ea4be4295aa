import type { FaultChoice } from '../../src/tui/ui/screen-props.ts';

/** As the registry of faults would give them. */
export const menuChoices: readonly FaultChoice[] = [
  {
    type: 'latency',
    family: 'network',
    summary: 'Every byte comes later',
    targets: ['postgres', 'redis', 'kafka', 'llm'],
    momentary: false,
    parameters: [
      { name: 'latency', kind: 'duration', default: '250', optional: false },
      { name: 'stream', kind: 'choice', choices: ['upstream', 'downstream'], default: 'downstream', optional: false },
      { name: 'note', kind: 'text', optional: true },
    ],
  },
  { type: 'down', family: 'network', summary: 'Connections are refused', targets: ['redis'], momentary: false, parameters: [] },
  { type: 'kill', family: 'process', summary: 'The process ends at once', targets: ['reporting-1', 'reporting-2'], momentary: true, parameters: [] },
  { type: 'flush', family: 'data', summary: 'All keys vanish', targets: [], momentary: true, parameters: [] },
];

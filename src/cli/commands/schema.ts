import { defineCommand } from '../command.ts';

export const schema = defineCommand({
  name: 'schema',
  summary: 'Prints the JSON Schema of scenario files, for completion in editors',
  options: [],
  examples: ['netra-resilience schema > scenario.schema.json'],
  load: () => import('../scenarios/schema-command.ts'),
});

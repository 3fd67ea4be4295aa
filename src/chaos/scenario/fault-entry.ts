import { z } from 'zod';
import type { FaultDefinition } from '../faults/fault.ts';
import { duration } from './duration.ts';

const condition = z.strictObject({
  event: z.string().min(1).describe('Type of a journal event, such as checkpoint.saved'),
  count: z.int().min(1).default(1).describe('How many times it must be seen'),
});

/** The keys that every fault has besides its own parameters. */
const times = {
  at: duration.optional().describe('Begins so long after the jobs began'),
  after: condition.optional().describe('Begins once an event has been seen so often since the jobs began'),
  for: duration.optional().describe('Lasts so long'),
  until: condition.optional().describe('Lasts until an event has been seen so often since the fault began'),
  repeat: z
    .strictObject({ times: z.int().min(1).max(1_000).describe('Further times'), every: duration.describe('From one beginning to the next') })
    .optional()
    .describe('Further times after the first'),
  probability: z.number().min(0).max(1).default(1).describe('Share of the times at which it really happens, drawn from the seed'),
};

export const sharedFaultKeys: readonly string[] = ['type', 'target', ...Object.keys(times)];

/** What stands for "the host whose event this fault began after". */
export const eventHost = 'event-host';

export interface FaultEntry {
  readonly type: string;
  readonly target?: string | undefined;
  readonly at?: number | undefined;
  readonly after?: z.output<typeof condition> | undefined;
  readonly for?: number | undefined;
  readonly until?: z.output<typeof condition> | undefined;
  readonly repeat?: { readonly times: number; readonly every: number } | undefined;
  readonly probability: number;
}

/** One entry of `faults`: the shared keys and the fault's own parameters. */
export function faultEntrySchema(fault: FaultDefinition): z.ZodObject {
  return fault.parameters
    .safeExtend({ type: z.literal(fault.type), ...targetKey(fault), ...times })
    .meta({ title: fault.type, description: fault.summary });
}

/** A fault with one possible target needs not be told it. */
function targetKey(fault: FaultDefinition): z.ZodRawShape {
  const [first, ...others] = fault.targets;
  if (first === undefined) return {};
  if (fault.targets.includes('host')) {
    return { target: z.string({ error: 'names no host; write a host, a role, or event-host' }).min(1).describe(`A host (reporting-1), a role (reporting), or ${eventHost}: the host whose event the fault began after`) };
  }
  const services = z.enum(fault.targets as readonly [string, ...string[]]);
  return { target: others.length === 0 ? services.default(first) : services };
}

/** The entry without the shared keys: what `inject` is given. */
export function ownParameters(entry: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !sharedFaultKeys.includes(key)));
}

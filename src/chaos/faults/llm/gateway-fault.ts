import { z } from 'zod';
import { exactlyOneMember, ONE_TRIGGER, triggerSchema } from '../../../infra/embedded/llm/fault-board/trigger.ts';
import { matchSchema } from '../../../infra/embedded/llm/fault-board/match.ts';
import type { LlmFaultKind } from '../../../infra/embedded/llm/faults/define-fault.ts';
import type { FaultContext, FaultDefinition } from '../fault.ts';
import { gatewayFaultsOf } from './gateway-faults.ts';
import { inMilliseconds, withDurations } from './durations.ts';

const position = z.int().min(1);
const match = matchSchema.extend({
  job: z
    .union([position, z.string().min(1), z.array(z.union([position, z.string().min(1)])).min(1)], { error: 'is no job; write its number in the order of submission, or a list of numbers' })
    .optional()
    .describe('Job that it is asked for: its number in the order of submission, from 1, or its id'),
});

const common = {
  trigger: withDurations(triggerSchema).refine(exactlyOneMember, { error: ONE_TRIGGER }).optional().describe('Which of the calls that match are touched; all without it'),
  match: match.optional().describe('Which calls it is about; all without it'),
};

type Parameters = z.output<z.ZodObject<typeof common>> & Readonly<Record<string, unknown>>;

/**
 * A fault of the gateway as scenarios name it: its own parameters, with durations for milliseconds
 * (`retry_after: 1s` for `retry_after_ms: 1000`), and `trigger` and `match`.
 */
export function gatewayFault(type: `llm-${string}`, kind: LlmFaultKind): FaultDefinition {
  const schema: z.ZodObject = kind.parameters;
  return {
    type,
    family: 'llm',
    summary: kind.summary,
    targets: ['llm'],
    parameters: withDurations(schema).extend(common),
    async inject(context, _target, parameters, signal) {
      const { trigger, match: wanted, ...own } = parameters as Parameters;
      const faults = gatewayFaultsOf(context.infra, context.clock);
      const order = {
        id: context.name,
        type: kind.type,
        seed: String(context.rng.fork('gateway').integer(0, 2 ** 32 - 1)),
        ...inMilliseconds(schema, own),
        ...(trigger === undefined ? {} : { trigger: inMilliseconds(triggerSchema, trigger) }),
        ...(wanted === undefined ? {} : { match: { ...wanted, ...jobsOf(wanted.job, context) } }),
      };
      await faults.install(order, signal);
      return {
        heal: (healSignal) => faults.remove(order.id, healSignal),
        affected: async (askSignal) => ({ unit: 'calls', count: await faults.callsAffected(order.id, askSignal) }),
      };
    },
  };
}

function jobsOf(job: z.output<typeof match>['job'], context: FaultContext): { job?: readonly string[] } {
  if (job === undefined) return {};
  const ids = context.jobIds();
  return {
    job: [job].flat().map((each) => {
      if (typeof each === 'string') return each;
      const id = ids[each - 1];
      if (id === undefined) throw new Error(`${context.name} is about job ${each}, but only ${ids.length} were submitted when it began; let it begin \`after: { event: job.submitted, count: ${each} }\``);
      return id;
    }),
  };
}

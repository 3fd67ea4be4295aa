import { z } from 'zod';
import type { ExpectationDefinition } from '../checks/expectations/expectation.ts';
import { expectations } from '../checks/expectations/index.ts';
import { faults } from '../faults/index.ts';
import { duration } from './duration.ts';
import { faultEntrySchema } from './fault-entry.ts';

/** An environment variable; those of the fleet protocol, and what makes the control group, are the lab's own. */
const hostSetting = /^(?!NETRA_(?:RUN_ID|SEED|TOKEN|STATE_DIR|RESILIENCE|(?:HTTP|REDIS|KAFKA|DATABASE|TLS)_.*|LLM_(?:BASE_URL|API_KEY|MODEL))$)[A-Z][A-Z0-9_]*$/;

/** The registries stay out of it: faults and expectations are looked at one by one, each with its own schema. */
export const scenarioFile = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { error: 'is no name; write small letters, digits and single dashes' })
    .describe('The name of the file without .yaml'),
  description: z.string().trim().min(1, { error: 'says nothing; write what the scenario teaches' }).describe('What the scenario teaches'),
  tags: z.array(z.string().min(1)).default([]).describe('For --tag'),
  seed: z
    .union([z.string().min(1), z.int()])
    .transform(String)
    .prefault('1')
    .describe('Decides jobs, draws and texts; --seed goes before it'),
  workload: z
    .strictObject({
      jobs: z.int().min(1).max(10_000).default(4),
      question: z.string().min(1).max(4_000).optional().describe('Asked by every job; without it the seed picks questions'),
      concurrency: z.int().min(1).max(1_000).optional().describe('Jobs under way at once; default: all, at most 8'),
      arrival: z.union([z.literal('together'), z.strictObject({ every: duration })]).default('together'),
      job_timeout: duration.prefault('60s'),
    })
    .prefault({}),
  fleet: z
    .strictObject({
      reporting_hosts: z.int().min(1).max(16).default(2),
      environment: z
        .record(z.string(), z.union([z.string(), z.int()]).transform(String))
        .superRefine((settings, context) => {
          for (const name of Object.keys(settings)) if (!hostSetting.test(name)) context.addIssue({ code: 'custom', path: [name], message: 'is set by the lab itself, or is no name of a setting; leave it out' });
        })
        .default({})
        .describe('Settings that every host gets as environment variables, such as NETRA_LLM_SILENCE_MS'),
    })
    .prefault({}),
  infra: z
    .strictObject({
      llm_latency: duration.prefault('150ms').describe('To the first token of the built-in model'),
      llm_tokens_per_second: z.int().min(0).max(1_000_000).default(2_000).describe('Speed of the built-in model; 0 = unlimited'),
      allow_hosts: z.array(z.string().regex(/^[A-Za-z0-9_.:-]{1,253}$/, { error: 'is no host; write a name or an address without scheme and port' })).default([]).describe('With --infra external: hosts beyond this machine that may be broken'),
    })
    .prefault({}),
  steady_state: z
    .strictObject({ within: duration.prefault('20s').describe('Time in which the fleet must be at level 0 and make one report') })
    .prefault({}),
  faults: z.array(z.unknown()).default([]),
  expect: z.array(z.unknown()).default([]),
  guardrails: z
    .array(z.strictObject({ level: z.int().min(1).max(4).describe('Fleet level from which on it counts'), lasts: duration }))
    .default([])
    .describe('Ends the faults early'),
  time_limit: duration.prefault('90s'),
  waive: z
    .array(z.strictObject({ check: z.string().min(1), reason: z.string().trim().min(1, { error: 'is empty; a waiver needs its reason' }) }))
    .default([])
    .describe('Always-on checks that this scenario is known to break'),
});
export type ScenarioFile = z.output<typeof scenarioFile>;

/** One entry of `expect`: the name of the check and its parameters. */
export function expectationEntrySchema(expectation: ExpectationDefinition): z.ZodObject {
  return expectation.parameters.safeExtend({ check: z.literal(expectation.name) }).meta({ title: expectation.name, description: expectation.summary });
}

/** Draft 2020-12, of files as they are written: for completion in editors. */
export function scenarioJsonSchema(): object {
  const whole = scenarioFile.safeExtend({
    faults: z.array(either(faults.map(faultEntrySchema))).default([]),
    expect: z.array(either(expectations.map(expectationEntrySchema))).default([]),
  });
  return { title: 'netra-resilience scenario', ...z.toJSONSchema(whole, { io: 'input', unrepresentable: 'any' }) };
}

function either(options: readonly z.ZodObject[]): z.ZodType {
  return options.length === 0 ? z.never() : z.union(options as [z.ZodObject, ...z.ZodObject[]]);
}

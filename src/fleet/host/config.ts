import { z } from 'zod';
import { Problems } from '../../core/problems.ts';
import { readAddressMap, saslMechanisms } from '../../core/service-access.ts';
import { mechanismNames, parseResilience } from '../agents/resilience-switches.ts';
import type { FleetConfig } from '../agents/services.ts';
import { defaultWorkPartitions } from '../jobs/messages.ts';
import { logLevels } from './logger.ts';

const resilience = z
  .string()
  .default('on')
  .transform((text, context) => {
    const switches = parseResilience(text);
    if (switches !== undefined) return switches;
    context.addIssue({ code: 'custom', message: `\`on\`, \`off\`, or some of ${mechanismNames.join(', ')}, separated by commas: those that stay on, or, each with a \`-\` before it, those that are switched off` });
    return z.NEVER;
  });
const count = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback);

/** Part of topic names: `agent.replies.<host>`. */
const hostName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** A variable that is set to nothing counts as absent. */
const optionalText = z.string().transform((text) => (text === '' ? undefined : text)).optional();
const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** Environment of a host: the fleet protocol's variables and what this fleet adds to them. */
const environmentSchema = z.object({
  NETRA_RUN_ID: z.string().min(1),
  NETRA_SEED: z.string().min(1).default('1'),
  NETRA_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  /** 0 = pick one. */
  NETRA_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Where other hosts reach this one; needed where it binds to all addresses and the machine has several. */
  NETRA_ADVERTISED_HOST: z.string().regex(/^[A-Za-z0-9:._-]{1,253}$/, 'a host name or an address, without scheme and port').optional(),
  NETRA_TOKEN: z.string().min(16).optional(),
  NETRA_REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  NETRA_KAFKA_BROKERS: z.string().regex(/^[^\s:,]+:\d+(,[^\s:,]+:\d+)*$/, 'host:port, several separated by commas'),
  NETRA_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** How services are spoken to, where they ask for it, and what keeps this run's data apart on services that others use too: see ServiceAccess. */
  NETRA_TLS_CA_FILE: optionalText,
  NETRA_TLS_CERT_FILE: optionalText,
  NETRA_TLS_KEY_FILE: optionalText,
  NETRA_REDIS_TLS_NAME: optionalText,
  NETRA_REDIS_KEY_PREFIX: optionalText,
  NETRA_DATABASE_TLS_NAME: optionalText,
  NETRA_KAFKA_TLS: z.enum(['on', 'off']).default('off'),
  NETRA_KAFKA_SASL_MECHANISM: z.enum(saslMechanisms).optional(),
  NETRA_KAFKA_SASL_USERNAME: optionalText,
  NETRA_KAFKA_SASL_PASSWORD: optionalText,
  NETRA_KAFKA_ADDRESS_MAP: optionalText.refine(isAddressMap, 'pairs such as broker:9092=127.0.0.1:41001, separated by commas'),
  NETRA_KAFKA_NAME_PREFIX: z.string().regex(/^[A-Za-z0-9._-]{0,60}$/, 'letters, digits, `.`, `_` and `-`, at most 60').optional(),
  NETRA_LLM_BASE_URL: z.url({ protocol: /^https?$/ }),
  NETRA_LLM_API_KEY: z.string().default('none'),
  NETRA_LLM_MODEL: z.string().min(1).default('netra-builtin'),
  /** See parseResilience. */
  NETRA_RESILIENCE: resilience,
  /** How long a model may take to its first text, be silent in between, and take for all of an answer. */
  NETRA_LLM_FIRST_TEXT_MS: count(30_000, 600_000),
  NETRA_LLM_SILENCE_MS: count(15_000, 600_000),
  NETRA_LLM_ANSWER_MS: count(60_000, 3_600_000),
  NETRA_JOB_CONCURRENCY: count(4, 256),
  /** Of the topic `report.work`; decided by the first host that makes it. As many reporting hosts can share the work. */
  NETRA_KAFKA_PARTITIONS: count(defaultWorkPartitions, 1_000),
  /** CSV folder for the business agents; the bundled data where it is not set. */
  NETRA_DATA_DIR: z.string().min(1).optional(),
  NETRA_STATE_DIR: z.string().min(1),
  /** `on`: the host ends when its standard input closes, that is when whoever started it is gone. */
  NETRA_EXIT_ON_STDIN_CLOSE: z.enum(['on', 'off']).default('off'),
  /** `on`: boundaries of a report's making are printed on stdout, and each waits for a line `continue` on stdin. */
  NETRA_BOUNDARY_EVENTS: z.enum(['on', 'off']).default('off'),
  NETRA_LOG_LEVEL: z.enum(logLevels).default('info'),
  NETRA_SHUTDOWN_GRACE_MS: count(10_000, 600_000),
});
export type HostEnvironment = z.infer<typeof environmentSchema>;

/** Every variable that a host reads. */
export const hostVariables: readonly string[] = Object.keys(environmentSchema.shape);

/** For who has to set them. */
const examples: Readonly<Record<string, string>> = {
  NETRA_RUN_ID: 'fleet',
  NETRA_REDIS_URL: 'redis://127.0.0.1:6379',
  NETRA_KAFKA_BROKERS: '127.0.0.1:9092',
  NETRA_DATABASE_URL: 'postgres://user@127.0.0.1:5432/netra',
  NETRA_LLM_BASE_URL: 'http://127.0.0.1:11434/v1',
  NETRA_STATE_DIR: '/var/lib/netra',
};

function isAddressMap(text: string | undefined): boolean {
  try {
    if (text !== undefined) readAddressMap(text);
    return true;
  } catch {
    return false; // The schema says how it is written.
  }
}

export interface HostSettings {
  readonly environment: HostEnvironment;
  readonly config: FleetConfig;
}

export const hostRoles = ['business', 'control', 'reporting'] as const;

/** Reads `--role <role> --name <name>` and the environment; every problem is reported at once. */
export function readHostSettings(argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): HostSettings | Problems {
  const problems = new Problems();
  const option = (name: string): string | undefined => {
    const index = argv.indexOf(`--${name}`);
    return index === -1 ? undefined : argv[index + 1];
  };
  const role = hostRoles.find((known) => known === option('role'));
  if (role === undefined) problems.add('--role', `'${option('role') ?? ''}' is no role`, `use one of ${hostRoles.join(', ')}`);
  const name = option('name') ?? `${role}-1`;
  if (!hostName.test(name)) problems.add('--name', `'${name}' cannot be a host's name`, 'use letters, digits, `.`, `_` and `-`, at most 100');
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const variable = String(issue.path[0]);
      const example = examples[variable];
      const fix = example === undefined ? 'set it as the fleet protocol in docs/architecture.md says' : `set it, for example to ${example}`;
      problems.add(variable, environment[variable] === undefined ? 'is not set' : issue.message, fix);
    }
  }
  // Told whatever else is wrong: what is open to others needs no other variable to be right.
  const bind = environment['NETRA_HTTP_HOST'];
  if (bind !== undefined && bind !== '' && !loopback.test(bind) && environment['NETRA_TOKEN'] === undefined) {
    problems.add('NETRA_TOKEN', `is needed, since NETRA_HTTP_HOST ${bind} can be reached from elsewhere`, 'set it to at least 16 characters that nobody can guess');
  }
  if (!parsed.success || role === undefined || problems.any) return problems;
  return {
    environment: parsed.data,
    config: {
      host: name,
      role,
      runId: parsed.data.NETRA_RUN_ID,
      seed: parsed.data.NETRA_SEED,
      resilience: parsed.data.NETRA_RESILIENCE,
      jobConcurrency: parsed.data.NETRA_JOB_CONCURRENCY,
      dataDir: parsed.data.NETRA_DATA_DIR,
      stateDir: parsed.data.NETRA_STATE_DIR,
    },
  };
}

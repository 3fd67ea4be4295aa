import { jobSubmissionSchema, reportResultSchema } from '../../src/fleet/jobs/job.ts';
import { factSheetSchema, reportOutcomeSchema, reportWorkSchema } from '../../src/fleet/jobs/messages.ts';
import { knownFleetEvents } from './fleet-events.ts';
import { jsonSchema } from './fleet-actions.ts';
import { hostErrorCodes } from './error-statuses.ts';

type Schema = Readonly<Record<string, unknown>>;

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };
const upOrDown: Schema = { enum: ['up', 'down'] };
const breakerState: Schema = { enum: ['closed', 'open', 'half-open', 'isolated'] };
const level: Schema = { type: 'integer', minimum: 0, maximum: 4, description: 'Degradation level of the host.' };
const databaseMode: Schema = { enum: ['postgres', 'sqlite', 'failed'], description: 'What statements run on now.' };
const agentStatus: Schema = { enum: ['created', 'initializing', 'ready', 'degraded', 'draining', 'stopped', 'failed'] };

/** Members that are all required, but for those in `optional`; no others. */
function record(properties: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}, description?: string): Schema {
  return { type: 'object', ...(description === undefined ? {} : { description }), required: Object.keys(properties), properties: { ...properties, ...optional }, additionalProperties: false };
}

const mapOf = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });
const nullable = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });

const metrics = record({ messages_processed: count, errors: count, last_error: nullable({ type: 'string', description: '`<code>: <message>`' }) });
const uptime: Schema = { ...count, description: 'Seconds.' };
const consumerLag = nullable({ ...count, description: 'Messages that wait.' });
const reason: Schema = { type: 'string', description: 'Why it is down.' };

const handWritten: Readonly<Record<string, Schema>> = {
  Alive: record({ status: { const: 'ok' }, agent: text }, {}, 'The process answers, whatever it depends on.'),
  AgentAlive: record({ status: ref('AgentStatus'), agent: text }),
  AgentStatus: agentStatus,
  Readiness: record({ status: { enum: ['ready', 'not ready', 'draining'] }, database: databaseMode, kafka: upOrDown, redis: upOrDown, agent: text }),
  Dependencies: record({
    database: record({ mode: databaseMode, up: { type: 'boolean' }, pool: record({ total: count, idle: count, waiting: count }) }, { reason }),
    kafka: record({ up: { type: 'boolean' }, consumer_lag: consumerLag }, { reason }),
    redis: record({ up: { type: 'boolean' } }, { reason }),
    llm: record({ up: { type: 'boolean' } }, { reason }),
  }),
  Breakers: { ...mapOf(breakerState), description: 'State of every breaker that has been used, by its key.' },
  Reliability: record({ score: { type: 'number', minimum: 0, maximum: 100 }, components: mapOf(ref('ComponentHealth')) }),
  ComponentHealth: record(
    {
      component: text,
      score: { type: 'number', minimum: 0, maximum: 100 },
      successRate: { type: 'number', minimum: 0, maximum: 1, description: 'Of the last minute; 1 without calls.' },
      callsInLastMinute: count,
      calls: count,
      failures: count,
      timeouts: count,
      refused: count,
      retries: count,
      fallbacks: count,
      lastErrors: {
        type: 'array',
        maxItems: 100,
        items: record({ at: { type: 'number', description: 'Milliseconds since the Unix epoch.' }, operation: text, kind: text, message: text }, { code: text, correlationId: text }),
      },
    },
    { breaker: breakerState },
  ),
  AgentHealth: record({ agent_id: text, status: ref('AgentStatus'), uptime, reasons: { type: 'array', items: text }, consumer_lag: consumerLag, metrics }),
  AgentDetail: record({ agent_id: text, status: ref('AgentStatus'), uptime, level, reasons: { type: 'array', items: text }, dependencies: ref('Dependencies'), breakers: ref('Breakers'), reliability: ref('Reliability'), metrics }),
  HostDetail: record({
    agent_id: text,
    status: { enum: ['ready', 'not ready', 'draining'] },
    uptime,
    level,
    dependencies: ref('Dependencies'),
    breakers: ref('Breakers'),
    reliability: ref('Reliability'),
    metrics,
    memory: record({ rss_bytes: count, heap_used_bytes: count }),
    agents: { type: 'array', items: ref('AgentHealth') },
  }),
  AcceptedJob: record({ run_id: text, correlation_id: text, status: { const: 'accepted' } }),
  JobView: record(
    { run_id: text, user_id: text, correlation_id: text, status: { enum: ['accepted', 'running', 'completed'] }, attempts: count, accepted_at: { type: 'number', description: 'Milliseconds since the Unix epoch.' } },
    { completed_at: { type: 'number' }, result: ref('ReportResult') },
  ),
  ErrorBody: record({
    error: record(
      { code: { enum: hostErrorCodes, description: 'What each means, and what to do: error-codes.md.' }, message: text, severity: { enum: ['critical', 'high', 'medium', 'low'] }, recovery: { enum: ['retry', 'fallback', 'degrade', 'fail'], description: 'What the caller should do next.' }, correlation_id: text },
      { retry_after_ms: { type: 'number', minimum: 0 } },
    ),
  }),
  FleetEvent: {
    type: 'object',
    description: 'One message of the WebSocket. Members beside these belong to the type.',
    required: ['type', 'at', 'host', 'event_no'],
    properties: {
      type: { enum: knownFleetEvents },
      at: { type: 'number', description: 'Wall clock of the host, milliseconds since the Unix epoch.' },
      host: text,
      event_no: { type: 'integer', minimum: 1, description: 'Counts the events of the process.' },
      agent: text,
      correlation_id: text,
      job_id: text,
      user_id: text,
    },
  },
};

/** From the schemas that the program itself validates by. */
const fromProgram: Readonly<Record<string, Schema>> = {
  JobSubmission: jsonSchema(jobSubmissionSchema, 'input') as Schema,
  ReportResult: jsonSchema(reportResultSchema, 'output') as Schema,
  FactSheet: jsonSchema(factSheetSchema, 'output') as Schema,
  ReportWork: jsonSchema(reportWorkSchema, 'input') as Schema,
  ReportOutcome: jsonSchema(reportOutcomeSchema, 'output') as Schema,
};

const names = new Map(Object.entries(fromProgram).map(([name, schema]) => [JSON.stringify(schema), name]));

/** The same schema with a reference wherever a part of it is a component. */
export function withReferences(schema: unknown, self?: string): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((item) => withReferences(item));
  const name = names.get(JSON.stringify(schema));
  if (name !== undefined && name !== self) return ref(name);
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withReferences(value)]));
}

export const componentSchemas: Readonly<Record<string, unknown>> = {
  ...handWritten,
  ...Object.fromEntries(Object.entries(fromProgram).map(([name, schema]) => [name, withReferences(schema, name)])),
};

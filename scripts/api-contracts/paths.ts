import { fleetActions, fleetAgents, type FleetAction } from './fleet-actions.ts';
import { answer, errors, jsonBody } from './responses.ts';
import { ref, withReferences } from './schemas.ts';

type Member = Readonly<Record<string, unknown>>;

const parameter = (name: string): Member => ({ $ref: `#/components/parameters/${name}` });
const correlated = [parameter('CorrelationId')];
const forUser = [...correlated, parameter('UserId')];
const open = { security: [] };

const health: Readonly<Record<string, Member>> = {
  '/health': {
    get: { operationId: 'host_health', tags: ['health'], summary: 'Liveness', description: 'Nothing that the host depends on is asked: an outage is no reason to start it anew.', ...open, parameters: correlated, responses: { 200: answer('The process answers.', jsonBody(ref('Alive'))) } },
  },
  '/health/ready': {
    get: {
      operationId: 'host_ready',
      tags: ['health'],
      summary: 'Readiness',
      description: 'Ready means: every agent of the host is at work, be it degraded; there is a database, be it the fallback; the host does not drain. Kafka, Redis and the model may be away.',
      ...open,
      parameters: correlated,
      responses: { 200: answer('Work may be sent.', jsonBody(ref('Readiness'))), 503: answer('Work may not be sent.', jsonBody(ref('Readiness'))) },
    },
  },
  '/health/detailed': { get: { operationId: 'host_detail', tags: ['health'], summary: 'Everything known of the host', ...open, parameters: correlated, responses: { 200: answer('Level, dependencies, breakers, agents.', jsonBody(ref('HostDetail'))) } } },
  '/agents/{agent}/health': agentHealth('agent_health', 'State of an agent', { 200: answer('It is known.', jsonBody(ref('AgentAlive'))) }),
  '/agents/{agent}/health/ready': agentHealth('agent_ready', 'Whether work may be sent to an agent', { 200: answer('Work may be sent.', jsonBody(ref('Readiness'))), 503: answer('Work may not be sent.', jsonBody(ref('Readiness'))) }),
  '/agents/{agent}/health/detailed': agentHealth('agent_detail', 'Everything known of an agent', { 200: answer('Level, dependencies, breakers.', jsonBody(ref('AgentDetail'))) }),
};

function agentHealth(operationId: string, summary: string, answers: Member): Member {
  return { parameters: [parameter('Agent')], get: { operationId, tags: ['health'], summary, ...open, parameters: correlated, responses: { ...answers, ...errors(400, 404) } } };
}

const jobs: Readonly<Record<string, Member>> = {
  '/jobs': {
    post: {
      operationId: 'submit_job',
      tags: ['jobs'],
      summary: 'Submit a job',
      description: 'On the host of the supervisor. The same run id with the same content is the same job, so a request whose answer was lost may be repeated. `from` must not be after `to`.',
      parameters: forUser,
      requestBody: { required: true, content: jsonBody(ref('JobSubmission')) },
      responses: { 202: answer('The job is durable.', jsonBody(ref('AcceptedJob'))), ...errors(400, 401, 404, 408, 409, 413, 500, 503, 504) },
    },
  },
  '/jobs/{run_id}': {
    parameters: [{ name: 'run_id', in: 'path', required: true, schema: { type: 'string' } }],
    get: { operationId: 'view_job', tags: ['jobs'], summary: 'State of a job, with its report once there is one', parameters: forUser, responses: { 200: answer('The job is known.', jsonBody(ref('JobView'))), ...errors(400, 401, 404, 500, 503, 504) } },
  },
};

const watching: Readonly<Record<string, Member>> = {
  '/metrics': { get: { operationId: 'metrics', tags: ['watching'], summary: 'Metrics for Prometheus', parameters: correlated, responses: { 200: answer('Text format of Prometheus.', { 'text/plain': { schema: { type: 'string' } } }), ...errors(401, 503) } } },
  '/events': {
    get: {
      operationId: 'events',
      tags: ['watching'],
      summary: 'WebSocket of events',
      description: 'Each message is one JSON object as in the schema FleetEvent; first the newest that are kept, then everything as it comes. A request that is not an upgrade is answered with 404.',
      parameters: [{ name: 'after', in: 'query', required: false, schema: { type: 'integer' }, description: 'Go on after this `event_no`.' }],
      responses: { 101: { description: 'The connection is a WebSocket now.' }, 400: { description: '`after` is no number. Without a body.' }, 401: { description: 'The bearer token is missing or wrong. Without a body.' }, ...errors(404) },
    },
  },
};

const directErrors = errors(400, 401, 404, 408, 413, 500, 503, 504);
const directCall = [...forUser, parameter('Deadline')];

/** Answers whose schema the program checks by code. */
const outputs: Readonly<Record<string, Member>> = { 'supervisor.job_status': ref('JobView'), 'reporting.generate': ref('ReportOutcome') };

function actionPath({ agent, role, action, summary, input, output }: FleetAction): [string, Member] {
  const schema = outputs[`${agent}.${action}`] ?? withReferences(output);
  const operation = {
    operationId: `${agent}.${action}`,
    tags: [agent],
    summary,
    description: `Of ${role} hosts.`,
    parameters: directCall,
    requestBody: { required: true, content: jsonBody(withReferences(input)) },
    responses: { 200: answer('The answer.', jsonBody(schema)), ...directErrors },
  };
  return [`/agents/${agent}/${action}`, { post: operation }];
}

const direct: Readonly<Record<string, Member>> = {
  '/agents/{agent}/{action}': {
    parameters: [parameter('Agent'), { name: 'action', in: 'path', required: true, schema: { type: 'string' } }],
    post: {
      operationId: 'call_agent',
      tags: ['agents'],
      summary: 'Ask an agent directly, beside Kafka',
      description: 'What hosts do at level 2. The actions that there are have paths of their own below; another one is answered with 404.',
      parameters: directCall,
      requestBody: { required: false, content: jsonBody({ type: 'object' }) },
      responses: { 200: answer('The answer of the action.', jsonBody({ type: 'object' })), ...directErrors },
    },
  },
};

export const paths: Readonly<Record<string, Member>> = { ...health, ...jobs, ...watching, ...direct, ...Object.fromEntries(fleetActions.map(actionPath)) };

export const tags: readonly Member[] = [
  { name: 'health', description: 'Open: no token is asked for, also while the host drains.' },
  { name: 'jobs', description: 'On the control host alone.' },
  { name: 'watching', description: 'Metrics and events.' },
  { name: 'agents', description: 'Direct calls.' },
  ...fleetAgents.map(({ agent, summary }) => ({ name: agent, description: `${summary}.` })),
];

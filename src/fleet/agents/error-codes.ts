import { NetraError, defineErrorCodes, type ErrorBody, type NetraErrorOptions } from '../../core/errors.ts';

export const agentErrorCodes = defineErrorCodes({
  AGENT_UNKNOWN: {
    severity: 'medium',
    recovery: 'fail',
    retriable: false,
    meaning: 'A call names an agent that this host does not run.',
    remedy: 'Ask `GET /health/detailed` of the host for the agents it runs.',
  },
  ACTION_UNKNOWN: {
    severity: 'medium',
    recovery: 'fail',
    retriable: false,
    meaning: 'A call names an action that the agent does not have.',
    remedy: 'Use one of the actions that the message lists.',
  },
  ACTION_INPUT_INVALID: {
    severity: 'medium',
    recovery: 'fail',
    retriable: false,
    meaning: 'The input of a call does not fit the schema of the action.',
    remedy: 'Mend the members that the message names.',
  },
  ACTION_OUTPUT_INVALID: {
    severity: 'high',
    recovery: 'fail',
    retriable: false,
    meaning: 'An agent answered something that its own schema does not allow: a bug of the agent.',
    remedy: 'Report it with the correlation id; the host log holds the answer.',
  },
  AGENT_NOT_READY: {
    severity: 'medium',
    recovery: 'retry',
    retriable: true,
    meaning: 'An agent is still starting, or is shutting down and takes no more work.',
    remedy: 'Try again after a moment, or at another host; `/health/ready` tells when.',
  },
  AGENT_UNREACHABLE: {
    severity: 'high',
    recovery: 'retry',
    retriable: true,
    meaning: 'An agent could be asked neither over Kafka nor by a direct call.',
    remedy: 'See `/health/ready` of its host; the call may be made again.',
  },
  AGENT_NO_REPLY: {
    severity: 'medium',
    recovery: 'retry',
    retriable: true,
    meaning: 'A request was sent over Kafka and no answer came before the deadline.',
    remedy: 'See the consumer lag in `/agents/<name>/health/detailed`; the call may be made again.',
  },
  AGENT_FAILED: {
    severity: 'high',
    recovery: 'retry',
    retriable: true,
    meaning: 'An agent failed at a call with an error that it did not foresee.',
    remedy: 'The host log holds the error under the correlation id.',
  },
  READ_ONLY: {
    severity: 'high',
    recovery: 'retry',
    retriable: true,
    meaning: 'Several services are down (level 3): the fleet answers from what it has and accepts nothing new.',
    remedy: 'Try again after `retry_after_ms`.',
  },
  JOB_UNKNOWN: {
    severity: 'low',
    recovery: 'fail',
    retriable: false,
    meaning: 'No job of that run id has been accepted.',
    remedy: 'Check the run id; `POST /jobs` answers the one that counts.',
  },
  JOB_CONFLICT: {
    severity: 'medium',
    recovery: 'fail',
    retriable: false,
    meaning: 'A run id was submitted again with another content.',
    remedy: 'Choose another run id, or leave it out.',
  },
  REQUEST_INVALID: {
    severity: 'low',
    recovery: 'fail',
    retriable: false,
    meaning: 'An HTTP request could not be read.',
    remedy: 'Mend what the message names.',
  },
  REQUEST_TOO_LARGE: {
    severity: 'low',
    recovery: 'fail',
    retriable: false,
    meaning: 'The body of an HTTP request is larger than a host accepts.',
    remedy: 'Send less; the message tells the limit.',
  },
  UNAUTHORIZED: {
    severity: 'medium',
    recovery: 'fail',
    retriable: false,
    meaning: 'A request came without the bearer token of the run.',
    remedy: 'Send `Authorization: Bearer <NETRA_TOKEN>`.',
  },
  NOT_FOUND: { severity: 'low', recovery: 'fail', retriable: false, meaning: 'No such path.', remedy: 'See docs/architecture.md for the fleet protocol.' },
});

export type AgentErrorCode = keyof typeof agentErrorCodes;

/** An error of agents and of the fleet's HTTP side. */
export class AgentError extends NetraError {
  constructor(code: AgentErrorCode, message: string, options?: NetraErrorOptions) {
    super(code, agentErrorCodes[code], message, options);
  }
}

/** Another agent's error, as it came over Kafka or HTTP: code, severity and recovery are the agent's own. */
export class RemoteAgentError extends NetraError {
  readonly agent: string;

  constructor(agent: string, error: ErrorBody['error']) {
    const retriable = error.recovery === 'retry';
    super(
      error.code,
      { severity: error.severity, recovery: error.recovery, retriable, meaning: '', remedy: '' },
      `${agent}: ${error.message}`,
      { context: { agent }, ...(error.retry_after_ms === undefined ? {} : { retryAfterMs: error.retry_after_ms }) },
    );
    this.agent = agent;
  }
}

/** Any thrown thing as the body of an error answer; what nobody foresaw is `AGENT_FAILED`. */
export function errorBody(thrown: unknown, correlationId?: string): ErrorBody {
  const error =
    thrown instanceof NetraError ? thrown : new AgentError('AGENT_FAILED', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
  return error.toBody(correlationId);
}

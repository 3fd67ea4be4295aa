import type { Clock } from '../../../core/clock.ts';
import { asError, isNetraError } from '../../../core/errors.ts';
import { classifyError, retryAfterMsFromHeaders } from '../../../reliability/index.ts';
import { ConnectorError, type FleetErrorCode } from '../../error-codes.ts';

/** 429, but no waiting helps: OpenAI's codes and those of gateways that copy them. */
const quotaCodes = /insufficient_quota|credit_balance|billing|spend_limit|quota_exceeded/i;
const filterCodes = /content_filter|ResponsibleAIPolicyViolation/;
const rateLimitCodes = /rate_limit|slow_down|throttl|RESOURCE_EXHAUSTED/i;
const requestCodes = /invalid_request|invalid_api_key|authentication|permission|context_length|model_not_found/i;

/** The members of openai's APIError that tell what happened; see its `core/error`. */
interface ApiErrorFacts {
  readonly status?: unknown;
  readonly headers?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly error?: unknown;
}

/**
 * What the openai client threw, as a ConnectorError. Retry-After is handed on as the server sent it:
 * the reliability stack decides how much of it to believe.
 */
export function toLlmError(thrown: unknown, clock: Pick<Clock, 'now'>): Error {
  const error = asError(thrown);
  if (isNetraError(error)) return error;
  if (error instanceof SyntaxError) return new ConnectorError('LLM_INCOMPLETE', `the model's answer is not JSON: ${error.message}`, { cause: error, maybeExecuted: true });
  const facts = error as ApiErrorFacts;
  if (typeof facts.status === 'number') return fromStatus(error, facts.status, facts, clock);
  // An error object inside of a stream that began with 200.
  if (typeof facts.error === 'object' && facts.error !== null) {
    const code = codeInStream(words(facts));
    return new ConnectorError(code, `the model broke off with an error: ${error.message}`, { cause: error, maybeExecuted: true, ...retryAfter(facts, clock) });
  }
  const { kind, maybeExecuted } = classifyError(error, clock);
  if (kind === 'bug' || kind === 'cancelled') return error;
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return new ConnectorError('LLM_UNAVAILABLE', `the model cannot be reached: ${error.message}${cause}`, { cause: error, maybeExecuted });
}

function fromStatus(error: Error, status: number, facts: ApiErrorFacts, clock: Pick<Clock, 'now'>): ConnectorError {
  const code = codeOfStatus(status, words(facts));
  const message = `the model's server answered ${status}: ${firstLine(error.message)}`;
  // Not a standard, but the one way for a gateway to say that it has tried already.
  const forbidden = headerOf(facts, 'x-should-retry') === 'false';
  return new ConnectorError(code, message, { cause: error, context: { status }, ...retryAfter(facts, clock), ...(forbidden ? { retriable: false } : {}) });
}

function codeOfStatus(status: number, said: string): FleetErrorCode {
  if (status === 402 || (status === 429 && quotaCodes.test(said))) return 'LLM_QUOTA_EXHAUSTED';
  if (status === 429) return 'LLM_RATE_LIMITED';
  if (status === 408 || status === 409 || status === 425 || status >= 500) return 'LLM_UNAVAILABLE';
  return filterCodes.test(said) ? 'LLM_CONTENT_FILTERED' : 'LLM_REFUSED';
}

function codeInStream(said: string): FleetErrorCode {
  if (quotaCodes.test(said)) return 'LLM_QUOTA_EXHAUSTED';
  if (rateLimitCodes.test(said)) return 'LLM_RATE_LIMITED';
  if (filterCodes.test(said)) return 'LLM_CONTENT_FILTERED';
  return requestCodes.test(said) ? 'LLM_REFUSED' : 'LLM_UNAVAILABLE';
}

/** Every machine-readable word of the error body: providers differ in where they put them. */
function words({ code, type, error }: ApiErrorFacts): string {
  const inner = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const deeper = typeof inner['innererror'] === 'object' && inner['innererror'] !== null ? (inner['innererror'] as Record<string, unknown>) : {};
  return [code, type, inner['code'], inner['type'], inner['status'], deeper['code']].filter((word) => typeof word === 'string').join(' ');
}

function retryAfter({ headers }: ApiErrorFacts, clock: Pick<Clock, 'now'>): { retryAfterMs?: number } {
  const retryAfterMs = retryAfterMsFromHeaders(headers, clock.now());
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

function headerOf({ headers }: ApiErrorFacts, name: string): string | null {
  return headers instanceof Headers ? headers.get(name) : null;
}

/** A proxy's HTML page has many; one is enough to recognise it. */
function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').slice(0, 300);
}

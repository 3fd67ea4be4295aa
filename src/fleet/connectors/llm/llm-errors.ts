import type { Clock } from '../../../core/clock.ts';
import { asError, isNetraError } from '../../../core/errors.ts';
import { classifyError, retryAfterMsFromHeaders } from '../../../reliability/index.ts';
import { ConnectorError, type FleetErrorCode } from '../../error-codes.ts';

/** 429, but no waiting helps: OpenAI's codes and those of gateways that copy them. */
const quotaCodes = /insufficient_quota|credit_balance|billing|spend_limit|quota_exceeded/i;
const filterCodes = /content_filter|ResponsibleAIPolicyViolation/;
const rateLimitCodes = /rate_limit|slow_down|throttl|RESOURCE_EXHAUSTED/i;
/** A 429 as well, but for the size of this one request: it would be refused for ever. */
const tooLargeWords = /request too large/i;
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
  // An error inside of an answer that began with 200.
  if ((typeof facts.error === 'object' && facts.error !== null) || typeof facts.error === 'string') {
    const code = codeInAnswer(facts);
    return new ConnectorError(code, `the model broke off with an error: ${error.message}`, { cause: error, maybeExecuted: true, ...retryAfter(facts, clock) });
  }
  const { kind, maybeExecuted } = classifyError(error, clock);
  if (kind === 'bug' || kind === 'cancelled') return error;
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return new ConnectorError('LLM_UNAVAILABLE', `the model cannot be reached: ${error.message}${cause}`, { cause: error, maybeExecuted });
}

/** For an error that came where an answer was due, with status 200: OpenRouter's object, Ollama's text. */
export function errorInAnswer(error: unknown): Error {
  const message = typeof error === 'string' ? error : (error as { message?: unknown } | null)?.message;
  return Object.assign(new Error(typeof message === 'string' ? message : JSON.stringify(error)), { error });
}

function fromStatus(error: Error, status: number, facts: ApiErrorFacts, clock: Pick<Clock, 'now'>): ConnectorError {
  const code = status === 429 && tooLargeWords.test(error.message) ? 'LLM_REFUSED' : codeOfStatus(status, words(facts));
  const message = `the model's server answered ${status}: ${firstLine(error.message)}`;
  // Not a standard, but the one way for a server to say that it has tried already, or that another try will do.
  const said = headerOf(facts, 'x-should-retry');
  return new ConnectorError(code, message, { cause: error, context: { status }, ...retryAfter(facts, clock), ...(said === 'true' || said === 'false' ? { retriable: said === 'true' } : {}) });
}

function codeOfStatus(status: number, said: string): FleetErrorCode {
  if (status === 402 || (status === 429 && quotaCodes.test(said))) return 'LLM_QUOTA_EXHAUSTED';
  if (status === 429) return 'LLM_RATE_LIMITED';
  if (status === 408 || status === 409 || status === 425 || status >= 500) return 'LLM_UNAVAILABLE';
  return filterCodes.test(said) ? 'LLM_CONTENT_FILTERED' : 'LLM_REFUSED';
}

function codeInAnswer(facts: ApiErrorFacts): FleetErrorCode {
  const said = words(facts);
  const { code } = innerOf(facts);
  // OpenRouter's code is the status that there would have been.
  if (typeof code === 'number' && code >= 400 && code < 600) return codeOfStatus(code, said);
  if (quotaCodes.test(said)) return 'LLM_QUOTA_EXHAUSTED';
  if (rateLimitCodes.test(said)) return 'LLM_RATE_LIMITED';
  if (filterCodes.test(said)) return 'LLM_CONTENT_FILTERED';
  return requestCodes.test(said) ? 'LLM_REFUSED' : 'LLM_UNAVAILABLE';
}

/** Every machine-readable word of the error body: providers differ in where they put them. */
function words(facts: ApiErrorFacts): string {
  const inner = innerOf(facts);
  return [facts.code, facts.type, inner['code'], inner['type'], inner['status'], objectOf(inner['innererror'])['code'], objectOf(inner['details'])['error_code']].filter((word) => typeof word === 'string').join(' ');
}

/** The error object of the body; openai hands on what stands in its `error`, and the whole body where that is nested once more. */
function innerOf({ error }: ApiErrorFacts): Readonly<Record<string, unknown>> {
  const inner = objectOf(error);
  return 'error' in inner ? objectOf(inner['error']) : inner;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function retryAfter(facts: ApiErrorFacts, clock: Pick<Clock, 'now'>): { retryAfterMs?: number } {
  const retryAfterMs = retryAfterMsFromHeaders(facts.headers, clock.now()) ?? retryDelayMs(innerOf(facts)['details']);
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

/** Google's APIs name the wait in the body: `google.rpc.RetryInfo` with `retryDelay: "1.5s"`. */
function retryDelayMs(details: unknown): number | undefined {
  const delays = (Array.isArray(details) ? details : []).map((detail) => objectOf(detail)['retryDelay']);
  const text = delays.find((delay) => typeof delay === 'string' && /^\d+(?:\.\d+)?s$/.test(delay)) as string | undefined;
  return text === undefined || Number.parseFloat(text) === 0 ? undefined : Number.parseFloat(text) * 1_000;
}

function headerOf({ headers }: ApiErrorFacts, name: string): string | null {
  return headers instanceof Headers ? headers.get(name) : null;
}

/** A proxy's HTML page has many; one is enough to recognise it. */
function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').slice(0, 300);
}

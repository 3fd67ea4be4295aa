import type { Outcome } from '../ask.ts';

/** What the openai client makes of a fault, without retries of its own. */
export type Expected =
  /** It throws; `text` = some of the answer came before. */
  | { readonly throws: object; readonly text?: true; readonly headers?: Readonly<Record<string, string | null>> }
  /** It waits without end; `text` = some of the answer came before. */
  | { readonly waits: true; readonly text?: true }
  /** It takes it for a good answer, which says this. */
  | { readonly answers: (clean: string) => object }
  /** It hands on something that is no answer at all. */
  | { readonly handsOn: unknown }
  /** The fault has no business with this kind of call. */
  | { readonly untouched: true };

export interface FaultCase {
  readonly type: string;
  /** What tells it from other cases of the same type. */
  readonly name?: string;
  readonly parameters?: object;
  readonly stream: Expected;
  readonly whole: Expected;
  /** The model is never asked, so nothing is paid. @default false */
  readonly free?: true;
}

const inAnyCase = (expected: Expected): { stream: Expected; whole: Expected } => ({ stream: expected, whole: expected });

function refused(type: string, throws: object, options: { name?: string; parameters?: object; headers?: Record<string, string | null> } = {}): FaultCase {
  const { name, parameters, headers } = options;
  return { type, ...(name === undefined ? {} : { name }), ...(parameters === undefined ? {} : { parameters }), ...inAnyCase({ throws, ...(headers === undefined ? {} : { headers }) }), free: true };
}

function says(type: string, answers: (clean: string) => object, options: { name?: string; parameters?: object } = {}): FaultCase {
  return { type, ...options, ...inAnyCase({ answers }) };
}

const firstHalf = (text: string): string => text.slice(0, Math.floor(text.length / 2));
const contains = (text: string): unknown => ({ asymmetricMatch: (value: unknown) => typeof value === 'string' && value.includes(text) });
const whereas = (holds: (outcome: Outcome['text']) => boolean): unknown => ({ asymmetricMatch: (value: unknown) => typeof value === 'string' && holds(value) });
const lost = { message: 'terminated' };

export const faultCases: readonly FaultCase[] = [
  refused('bad-key', { status: 401, code: 'invalid_api_key', type: 'invalid_request_error' }),
  refused('forbidden', { status: 403, code: 'unsupported_country_region_territory' }),
  refused('unknown-model', { status: 404, code: 'model_not_found', param: 'model' }),
  refused('context-too-long', { status: 400, code: 'context_length_exceeded', type: 'invalid_request_error', param: 'messages' }),
  refused('context-too-long', { status: 429, code: 'rate_limit_exceeded', type: 'tokens', message: contains('Request too large') }, { name: 'by tokens a minute', parameters: { as: 'rate-limit' } }),
  { type: 'context-too-long', name: 'that is not that long', parameters: { limit_tokens: 1_000_000 }, ...inAnyCase({ untouched: true }) },
  refused('prompt-filtered', { status: 400, code: 'content_filter', error: { innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: { violence: { filtered: true } } } } }),
  refused('billing', { status: 402, code: 402 }),
  refused('too-large', { status: 413, message: contains('Request Entity Too Large') }),
  refused('request-timeout', { status: 408 }),
  refused('conflict', { status: 409 }),
  refused('unprocessable', { status: 422, message: contains('extra_forbidden') }),
  refused('rate-limit', { status: 429, code: 'rate_limit_exceeded' }, { headers: { 'retry-after': null, 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-limit-tokens': '30000' } }),
  refused('rate-limit', { status: 429 }, { name: 'in seconds', parameters: { retry_after_ms: 1_500 }, headers: { 'retry-after': '2', 'x-ratelimit-reset-requests': '1500ms' } }),
  refused('rate-limit', { status: 429 }, { name: 'in milliseconds', parameters: { retry_after_ms: 1_500, form: 'milliseconds' }, headers: { 'retry-after-ms': '1500', 'retry-after': null } }),
  refused('ramp-too-fast', { status: 429, code: 'slow_down' }),
  refused('ramp-too-fast', { status: 503, code: 'slow_down' }, { name: 'of old', parameters: { status: 503 } }),
  refused('quota-exhausted', { status: 429, code: 'insufficient_quota' }, { headers: { 'retry-after': null } }),
  refused('quota-exhausted', { status: 429, code: 'credit_balance_exhausted' }, { name: 'credit', parameters: { provider: 'credit' } }),
  refused('quota-exhausted', { status: 429, error: { type: 'rate_limit_error', details: { error_code: 'enforced_spend_limit_reached' } } }, { name: 'Anthropic', parameters: { provider: 'anthropic' }, headers: { 'retry-after': null } }),
  refused('absurd-retry-after', { status: 429 }, { headers: { 'retry-after': '1209600' } }),
  refused('broken-retry-after', { status: 429 }, { headers: { 'retry-after': '0' } }),
  refused('broken-retry-after', { status: 429 }, { name: 'past', parameters: { value: 'past-date' }, headers: { 'retry-after': 'Thu, 01 Jan 1998 00:00:00 GMT' } }),
  refused('broken-retry-after', { status: 429 }, { name: 'garbage', parameters: { value: 'garbage' }, headers: { 'retry-after': 'soon' } }),
  refused('should-retry', { status: 500 }, { headers: { 'x-should-retry': 'false' } }),
  refused('should-retry', { status: 400 }, { name: 'yes', parameters: { retry: true }, headers: { 'x-should-retry': 'true' } }),
  refused('server-error', { status: 500, type: 'server_error' }),
  refused('server-error', { status: 504, error: { status: 'DEADLINE_EXCEEDED' } }, { name: '504', parameters: { status: 504 } }),
  refused('overloaded', { status: 503 }),
  refused('overloaded', { status: 529, error: { type: 'overloaded_error' } }, { name: 'Anthropic', parameters: { provider: 'anthropic' } }),
  refused('overloaded', { status: 503, error: { status: 'UNAVAILABLE' } }, { name: 'Gemini', parameters: { provider: 'gemini' } }),
  refused('proxy-page', { status: 502, code: undefined, message: contains('<h1>502 Bad Gateway</h1>') }),
  refused('proxy-page', { status: 504, message: '504 status code (no body)' }, { name: 'empty', parameters: { status: 504, body: 'empty' } }),
  { type: 'proxy-page', name: 'with 200', parameters: { status: 200 }, free: true, stream: { answers: () => ({ text: '', finishReason: null }) }, whole: { handsOn: contains('<h1>Sign in</h1>') } },
  refused('gemini-quota', { status: 429, error: { status: 'RESOURCE_EXHAUSTED', details: [{}, { retryDelay: '1s' }] } }, { headers: { 'retry-after': null } }),
  refused('window-quota', { status: 429, code: 'rate_limit_exceeded' }, { parameters: { window_ms: 100_000, requests: 0 } }),
  { type: 'slow-headers', free: true, ...inAnyCase({ waits: true }) },
  says('slow-headers', (clean) => ({ text: clean, finishReason: 'stop' }), { name: 'for a moment', parameters: { delay_ms: 20 } }),
  { type: 'slow-first-token', parameters: { keepalive_ms: 10 }, ...inAnyCase({ waits: true }) },
  says('slow-first-token', (clean) => ({ text: clean, finishReason: 'stop' }), { name: 'for a moment', parameters: { delay_ms: 30, keepalive_ms: 10 } }),
  { type: 'slow-tokens', parameters: { chunk_delay_ms: 400 }, stream: { waits: true, text: true }, whole: { waits: true } },
  says('slow-tokens', (clean) => ({ text: clean, finishReason: 'stop' }), { name: 'not very', parameters: { chunk_delay_ms: 1, jitter_ms: 1 } }),
  { type: 'mid-stream-stall', stream: { waits: true, text: true }, whole: { waits: true } },
  { type: 'mid-stream-stall', name: 'by bytes', parameters: { after_bytes: 700 }, stream: { waits: true, text: true }, whole: { waits: true } },
  says('mid-stream-stall', (clean) => ({ text: clean, finishReason: 'stop' }), { name: 'for a moment', parameters: { after_chunks: 2, stall_ms: 20 } }),
  says('mid-stream-stall', (clean) => ({ text: clean, finishReason: 'stop' }), { name: 'for a moment, by bytes', parameters: { after_bytes: 333, stall_ms: 20 } }),
  { type: 'stall-with-heartbeats', parameters: { every_ms: 10 }, stream: { waits: true, text: true }, whole: { waits: true } },
  { type: 'stall-with-heartbeats', name: 'of chunks', parameters: { every_ms: 10, as: 'empty-chunk' }, stream: { waits: true, text: true }, whole: { waits: true } },
  { type: 'body-stall', stream: { untouched: true }, whole: { waits: true } },
  // The client has the terminator and closes the connection itself; a body that is one JSON object has none.
  { type: 'linger-after-done', stream: { answers: (clean) => ({ text: clean, finishReason: 'stop' }) }, whole: { waits: true } },
  { type: 'truncated-success', stream: { answers: (clean) => ({ text: whereas((text) => text !== '' && text !== clean && clean.startsWith(text)), finishReason: null }) }, whole: { answers: (clean) => ({ text: firstHalf(clean), finishReason: null }) } },
  { type: 'reset-mid-stream', stream: { throws: { ...lost, cause: { code: 'ECONNRESET' } }, text: true }, whole: { throws: { ...lost, cause: { code: 'ECONNRESET' } } } },
  { type: 'reset-mid-stream', name: 'by FIN', parameters: { how: 'close' }, stream: { throws: { ...lost, cause: { message: 'other side closed' } }, text: true }, whole: { throws: { ...lost, cause: { message: 'other side closed' } } } },
  { type: 'hang-up', free: true, ...inAnyCase({ throws: { message: 'Connection error.', cause: { cause: { message: 'other side closed' } } } }) },
  { type: 'hang-up', name: 'by RST', parameters: { how: 'reset' }, free: true, ...inAnyCase({ throws: { message: 'Connection error.', cause: { cause: { code: 'ECONNRESET' } } } }) },
  { type: 'timeout-after-commit', ...inAnyCase({ waits: true }) },
  { type: 'timeout-after-commit', name: 'by RST', parameters: { how: 'reset' }, ...inAnyCase({ throws: { message: 'Connection error.' } }) },
  { type: 'error-in-stream', stream: { throws: { status: undefined, code: 'server_error', message: contains('overloaded') }, text: true }, whole: { handsOn: { error: { code: 'server_error' } } } },
  { type: 'error-in-stream', name: 'OpenRouter', parameters: { provider: 'openrouter', error: 'rate-limit' }, stream: { throws: { status: undefined, code: 429 }, text: true }, whole: { handsOn: { error: { code: 429 } } } },
  { type: 'error-in-stream', name: 'Anthropic', parameters: { provider: 'anthropic' }, stream: { throws: { status: undefined, type: 'overloaded_error' }, text: true }, whole: { handsOn: { type: 'error', error: { type: 'overloaded_error' } } } },
  { type: 'error-in-stream', name: 'Ollama', parameters: { provider: 'ollama' }, stream: { throws: { status: undefined, error: 'The server is overloaded.' }, text: true }, whole: { handsOn: { error: 'The server is overloaded.' } } },
  { type: 'error-in-stream', name: 'Bedrock', parameters: { provider: 'bedrock', error: 'rate-limit' }, stream: { throws: { type: 'throttlingException' }, text: true }, whole: { handsOn: { error: { type: 'throttlingException' } } } },
  { type: 'invalid-json-line', stream: { throws: { name: 'SyntaxError' }, text: true }, whole: { throws: { name: 'SyntaxError' } } },
  says('awkward-framing', (clean) => ({ text: clean, finishReason: 'stop', usage: true }), { parameters: { slice_bytes: 23 } }),
  says('awkward-framing', (clean) => ({ text: clean, finishReason: 'stop', usage: true }), { name: 'two bytes at a time', parameters: { slice_bytes: 2 } }),
  { type: 'duplicate-chunk', stream: { answers: (clean) => ({ text: whereas((text) => text.length > clean.length && text.slice(-200) === clean.slice(-200)) }) }, whole: { untouched: true } },
  { type: 'reordered-chunk', stream: { answers: (clean) => ({ text: whereas((text) => text !== clean && text.length === clean.length) }) }, whole: { untouched: true } },
  // The client has the terminator before it would notice.
  { type: 'content-length-mismatch', stream: { answers: (clean) => ({ text: clean, finishReason: 'stop' }) }, whole: { throws: { ...lost, cause: { message: 'other side closed' } } } },
  { type: 'wrong-content-type', stream: { answers: (clean) => ({ text: clean, finishReason: 'stop' }) }, whole: { handsOn: contains('chat.completion') } },
  { type: 'broken-gzip', stream: { throws: {}, text: true }, whole: { throws: {} } },
  { type: 'broken-gzip', name: 'never compressed', parameters: { damage: 'not-gzip' }, ...inAnyCase({ throws: lost }) },
  says('truncated-tool-arguments', (clean) => ({ text: '', finishReason: 'tool_calls', message: { tool_calls: [{ type: 'function', function: { name: 'report_section', arguments: firstHalf(clean) } }] } })),
  says('truncated-json', (clean) => ({ text: firstHalf(clean), finishReason: 'stop' })),
  says('truncated-json', (clean) => ({ text: clean.slice(0, Math.floor(clean.length * 0.9)), finishReason: 'stop' }), { name: 'late', parameters: { share: 0.9 } }),
  says('length-stop', (clean) => ({ text: firstHalf(clean), finishReason: 'length' })),
  says('content-filter', () => ({ text: '', finishReason: 'content_filter' })),
  says('content-filter', (clean) => ({ text: firstHalf(clean), finishReason: 'content_filter' }), { name: 'in the middle', parameters: { share: 0.5 } }),
  says('refusal', () => ({ text: '', finishReason: 'stop', message: { refusal: 'No.' } }), { parameters: { text: 'No.' } }),
  says('empty-answer', () => ({ text: '', finishReason: 'stop' })),
  says('empty-answer', () => ({ text: ' \n ', finishReason: 'stop' }), { name: 'of blanks', parameters: { content: 'blank' } }),
  says('missing-usage', (clean) => ({ text: clean, finishReason: 'stop', usage: false })),
  says('fenced-json', (clean) => ({ text: `\`\`\`json\n${clean}\n\`\`\``, finishReason: 'stop', usage: true })),
  says('prose-around-json', (clean) => ({ text: whereas((text) => text.includes(clean) && text.startsWith('Sure!') && !text.endsWith('}')) })),
  says('wrong-schema', () => ({ text: '{"result":{"score":7,"label":"ok"}}', finishReason: 'stop' })),
  says('wrong-schema', () => ({ text: '["ok",7,null]' }), { name: 'a list', parameters: { as: 'array' } }),
  says('wrong-value', (clean) => ({ text: whereas((text) => differences(text, clean) === 1), finishReason: 'stop' })),
  says('wrong-value', (clean) => ({ text: whereas((text) => differences(text, clean) === 3) }), { name: 'three times', parameters: { figures: 3 } }),
  says('wrong-model', (clean) => ({ text: clean, model: 'netra-builtin-mini' })),
];

function differences(text: string, clean: string): number {
  return text.length === clean.length ? text.split('').filter((character, at) => character !== clean[at]).length : Infinity;
}

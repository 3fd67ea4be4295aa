import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LlmAnswer, LlmRequest } from '../../../../src/fleet/connectors/llm/llm.ts';
import { OpenAiLlm } from '../../../../src/fleet/connectors/llm/openai-llm.ts';
import { ReliabilityManager } from '../../../../src/reliability/index.ts';
import { llmFaultKinds } from '../../../../src/infra/embedded/llm/faults/index.ts';
import { until } from '../../../helpers/until.ts';
import { FaultGateway } from '../../../infra/embedded/llm/fault-gateway.ts';
import { promptOf, sectionFormat } from '../../../infra/embedded/llm/sample-facts.ts';
import { createHarness } from '../connector-harness.ts';

interface Case {
  readonly type: string;
  readonly name?: string;
  readonly parameters?: object;
  /** Only this kind of call. @default both */
  readonly only?: 'streamed' | 'whole';
  /** The error of the first attempt, where that is not an answer. */
  readonly first?: string;
  /** What comes of the whole call: the answer as without a fault, an answer that is spoiled, or the error. */
  readonly ends: 'well' | 'spoiled' | 'in error';
  readonly answer?: Partial<LlmAnswer>;
  readonly attempts: number;
  /** Least time between the first attempt and the second. */
  readonly waitsMs?: number;
}

/** The fault hits the first call only. */
const recovers = (type: string, first: string, more: Partial<Case> = {}): Case => ({ type, first, ends: 'well', attempts: 2, ...more });
const givesUp = (type: string, first: string, more: Partial<Case> = {}): Case => ({ type, first, ends: 'in error', attempts: 1, ...more });
const takes = (type: string, more: Partial<Case> = {}): Case => ({ type, ends: 'well', attempts: 1, ...more });
const spoiled = (type: string, answer: Partial<LlmAnswer>, more: Partial<Case> = {}): Case => ({ type, ends: 'spoiled', answer, attempts: 1, ...more });

const cases: readonly Case[] = [
  // What no second try can mend is not tried again.
  givesUp('bad-key', 'LLM_REFUSED'),
  givesUp('forbidden', 'LLM_REFUSED'),
  givesUp('unknown-model', 'LLM_REFUSED'),
  givesUp('context-too-long', 'LLM_REFUSED'),
  givesUp('context-too-long', 'LLM_REFUSED', { name: 'by tokens a minute', parameters: { as: 'rate-limit' } }),
  givesUp('prompt-filtered', 'LLM_CONTENT_FILTERED'),
  givesUp('billing', 'LLM_QUOTA_EXHAUSTED'),
  givesUp('too-large', 'LLM_REFUSED'),
  givesUp('unprocessable', 'LLM_REFUSED'),
  givesUp('quota-exhausted', 'LLM_QUOTA_EXHAUSTED'),
  givesUp('quota-exhausted', 'LLM_QUOTA_EXHAUSTED', { name: 'credit', parameters: { provider: 'credit' } }),
  givesUp('quota-exhausted', 'LLM_QUOTA_EXHAUSTED', { name: 'Anthropic', parameters: { provider: 'anthropic' } }),
  givesUp('error-in-stream', 'LLM_QUOTA_EXHAUSTED', { name: 'quota', parameters: { error: 'quota' } }),
  givesUp('should-retry', 'LLM_UNAVAILABLE'),
  recovers('should-retry', 'LLM_REFUSED', { name: 'yes', parameters: { retry: true } }),
  // A wait that no job can afford is not begun, and none is not taken for leave to hammer.
  givesUp('absurd-retry-after', 'LLM_RATE_LIMITED'),
  recovers('broken-retry-after', 'LLM_RATE_LIMITED', { waitsMs: 149 }),
  recovers('broken-retry-after', 'LLM_RATE_LIMITED', { name: 'past', parameters: { value: 'past-date' }, waitsMs: 149 }),
  recovers('broken-retry-after', 'LLM_RATE_LIMITED', { name: 'negative', parameters: { value: 'negative' }, waitsMs: 149 }),
  recovers('broken-retry-after', 'LLM_RATE_LIMITED', { name: 'garbage', parameters: { value: 'garbage' }, waitsMs: 149 }),
  recovers('rate-limit', 'LLM_RATE_LIMITED', { waitsMs: 149 }),
  recovers('rate-limit', 'LLM_RATE_LIMITED', { name: 'in seconds', parameters: { retry_after_ms: 900 }, waitsMs: 999 }),
  recovers('rate-limit', 'LLM_RATE_LIMITED', { name: 'in milliseconds', parameters: { retry_after_ms: 700, form: 'milliseconds' }, waitsMs: 699 }),
  recovers('rate-limit', 'LLM_RATE_LIMITED', { name: 'by date', parameters: { retry_after_ms: 1_200, form: 'date' }, waitsMs: 700 }),
  recovers('gemini-quota', 'LLM_RATE_LIMITED', { parameters: { retry_delay_ms: 800 }, waitsMs: 799 }),
  recovers('ramp-too-fast', 'LLM_RATE_LIMITED'),
  recovers('ramp-too-fast', 'LLM_UNAVAILABLE', { name: 'of old', parameters: { status: 503 } }),
  recovers('window-quota', 'LLM_RATE_LIMITED', { parameters: { window_ms: 600, requests: 0 }, waitsMs: 500 }),
  recovers('request-timeout', 'LLM_UNAVAILABLE'),
  recovers('conflict', 'LLM_UNAVAILABLE'),
  recovers('server-error', 'LLM_UNAVAILABLE'),
  recovers('server-error', 'LLM_UNAVAILABLE', { name: '504', parameters: { status: 504 } }),
  recovers('overloaded', 'LLM_UNAVAILABLE', { parameters: { provider: 'anthropic' } }),
  recovers('overloaded', 'LLM_UNAVAILABLE', { name: 'Gemini', parameters: { provider: 'gemini' } }),
  recovers('proxy-page', 'LLM_UNAVAILABLE'),
  recovers('proxy-page', 'LLM_UNAVAILABLE', { name: 'empty', parameters: { body: 'empty' } }),
  recovers('proxy-page', 'LLM_INCOMPLETE', { name: 'with 200', parameters: { status: 200 } }),
  // Silence: noticed by what is missing, not by the end of the job.
  recovers('slow-headers', 'LLM_STALLED', { only: 'streamed' }),
  recovers('slow-headers', 'CALL_TIMEOUT', { only: 'whole' }),
  recovers('slow-first-token', 'LLM_STALLED', { only: 'streamed', parameters: { keepalive_ms: 50 } }),
  recovers('slow-first-token', 'CALL_TIMEOUT', { only: 'whole', parameters: { keepalive_ms: 50 } }),
  takes('slow-tokens', { parameters: { chunk_delay_ms: 10 } }),
  recovers('mid-stream-stall', 'LLM_STALLED', { only: 'streamed' }),
  recovers('mid-stream-stall', 'CALL_TIMEOUT', { only: 'whole' }),
  recovers('stall-with-heartbeats', 'LLM_STALLED', { only: 'streamed', parameters: { every_ms: 50 } }),
  recovers('stall-with-heartbeats', 'LLM_STALLED', { name: 'of chunks', only: 'streamed', parameters: { every_ms: 50, as: 'empty-chunk' } }),
  recovers('stall-with-heartbeats', 'CALL_TIMEOUT', { only: 'whole', parameters: { every_ms: 50 } }),
  recovers('body-stall', 'CALL_TIMEOUT', { only: 'whole' }),
  recovers('timeout-after-commit', 'LLM_STALLED', { only: 'streamed' }),
  recovers('timeout-after-commit', 'LLM_UNAVAILABLE', { name: 'by RST', parameters: { how: 'reset' } }),
  takes('linger-after-done', { only: 'streamed' }),
  recovers('linger-after-done', 'CALL_TIMEOUT', { only: 'whole' }),
  // Half an answer is no answer.
  recovers('truncated-success', 'LLM_INCOMPLETE'),
  recovers('reset-mid-stream', 'LLM_UNAVAILABLE'),
  recovers('reset-mid-stream', 'LLM_UNAVAILABLE', { name: 'by FIN', parameters: { how: 'close' } }),
  recovers('hang-up', 'LLM_UNAVAILABLE'),
  recovers('hang-up', 'LLM_UNAVAILABLE', { name: 'by RST', parameters: { how: 'reset' } }),
  recovers('error-in-stream', 'LLM_UNAVAILABLE'),
  recovers('error-in-stream', 'LLM_RATE_LIMITED', { name: 'OpenRouter', parameters: { provider: 'openrouter', error: 'rate-limit' } }),
  recovers('error-in-stream', 'LLM_UNAVAILABLE', { name: 'Anthropic', parameters: { provider: 'anthropic' } }),
  recovers('error-in-stream', 'LLM_RATE_LIMITED', { name: 'Bedrock', parameters: { provider: 'bedrock', error: 'rate-limit' } }),
  recovers('error-in-stream', 'LLM_UNAVAILABLE', { name: 'Ollama', parameters: { provider: 'ollama' } }),
  recovers('invalid-json-line', 'LLM_INCOMPLETE'),
  recovers('broken-gzip', 'LLM_INCOMPLETE'),
  recovers('broken-gzip', 'LLM_UNAVAILABLE', { name: 'never compressed', parameters: { damage: 'not-gzip' } }),
  recovers('content-length-mismatch', 'LLM_UNAVAILABLE', { only: 'whole' }),
  takes('content-length-mismatch', { only: 'streamed' }),
  takes('wrong-content-type', { only: 'streamed' }),
  recovers('wrong-content-type', 'LLM_INCOMPLETE', { only: 'whole' }),
  takes('awkward-framing', { parameters: { slice_bytes: 97 } }),
  recovers('empty-answer', 'LLM_INCOMPLETE'),
  recovers('empty-answer', 'LLM_INCOMPLETE', { name: 'of blanks', parameters: { content: 'blank' } }),
  recovers('truncated-tool-arguments', 'LLM_INCOMPLETE'),
  // What only the reader of the text can judge is handed on, and told as far as it is known.
  takes('missing-usage', { answer: { promptTokens: 0, completionTokens: 0 } }),
  takes('wrong-model', { answer: { model: 'netra-builtin-mini' } }),
  spoiled('duplicate-chunk', { finishReason: 'stop' }, { only: 'streamed' }),
  spoiled('reordered-chunk', { finishReason: 'stop' }, { only: 'streamed' }),
  spoiled('truncated-json', { finishReason: 'stop' }),
  spoiled('length-stop', { finishReason: 'length' }),
  spoiled('content-filter', { finishReason: 'content_filter', text: '' }),
  spoiled('refusal', { finishReason: 'content_filter', text: '' }),
  spoiled('fenced-json', { finishReason: 'stop' }),
  spoiled('prose-around-json', { finishReason: 'stop' }),
  spoiled('wrong-schema', { finishReason: 'stop' }),
  spoiled('wrong-value', { finishReason: 'stop' }),
];

const [system, user] = promptOf().map(({ content }) => content) as [string, string];
const { name, schema } = sectionFormat.json_schema;
const modes = ['streamed', 'whole'] as const;
const idOf = (fault: Case, mode: string): string => `${fault.type}/${fault.name ?? ''}/${mode}`.replaceAll(' ', '-');

interface Result {
  /** Before the second attempt. */
  readonly retry: { readonly code: string | undefined; readonly delayMs: number } | undefined;
  readonly answer?: LlmAnswer;
  readonly error?: Error & { readonly code?: string };
}

/** Retries as in a host, but that the waits are a fraction of theirs; breaker and budget are this call's own. */
async function complete(gateway: FaultGateway, jobId: string, mode: 'streamed' | 'whole', patienceMs = 20_000): Promise<Result> {
  const harness = createHarness();
  const reliability = new ReliabilityManager({ ...harness, profiles: { LLM: { retry: { baseDelayMs: 100, maxDelayMs: 300, perErrorKind: { 'rate-limit': { baseDelayMs: 150, maxDelayMs: 450 } } } } } });
  let retry: { readonly code: string | undefined; readonly delayMs: number } | undefined;
  reliability.events.on((event) => {
    if (event.type === 'call.retry') retry ??= { code: (event.error as { code?: string }).code, delayMs: event.delayMs };
  });
  const llm = new OpenAiLlm(
    { ...harness, reliability },
    {
      baseUrl: gateway.gateway.url,
      apiKey: 'key',
      model: 'netra-builtin',
      host: 'reporting-1',
      answerTimeoutMs: mode === 'streamed' ? 20_000 : patienceMs,
      streamTimeouts: { firstContentMs: patienceMs, idleMs: patienceMs, trailerMs: 250 },
    },
  );
  const request: LlmRequest = { system, user, schema: { name, schema }, jobId, userId: 'u1', agent: 'reporting', section: 'summary', attempt: 1, correlationId: 'c' };
  try {
    const answer = await llm.complete(mode === 'streamed' ? { ...request, onDelta: () => undefined } : request);
    return { retry, answer };
  } catch (error) {
    return { retry, error: error as Error };
  } finally {
    await llm.close();
  }
}

describe('the connector, when the model in front of it misbehaves once', () => {
  // The long ones first, so that none of them begins when all others are done.
  const runs = cases.toSorted((left, right) => Number(isSilence(right)) - Number(isSilence(left))).flatMap((fault) => modes.filter((mode) => fault.only === undefined || fault.only === mode).map((mode) => ({ fault, mode, id: idOf(fault, mode) })));
  const results = new Map<string, Result>();
  let gateway: FaultGateway;
  let clean: LlmAnswer;

  beforeAll(async () => {
    gateway = await FaultGateway.start();
    await gateway.put(...runs.map(({ fault, id }) => ({ id, type: fault.type, ...fault.parameters, trigger: { first: 1 }, match: { job: id, host: 'reporting-1', agent: 'reporting' } })));
    clean = (await complete(gateway, 'clean', 'whole')).answer as LlmAnswer;
    // Side by side, since most of a case is waiting; not all at once, or the answers would come late for want of a processor.
    const queue = runs.values();
    const worker = async (): Promise<void> => {
      for (const { id, mode, fault } of queue) results.set(id, await complete(gateway, id, mode, isSilence(fault) ? 1_500 : undefined));
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  it('R04 each fault of the gateway is tried', () => {
    const tried = new Set(cases.map(({ type }) => type));
    // It needs two questions; see the faults' own tests.
    tried.add('stale-answer');
    expect(llmFaultKinds.map(({ type }) => type).filter((type) => !tried.has(type))).toEqual([]);
  });

  it.each(runs.map(({ fault, mode, id }) => [requirementOf(fault), fault.type, fault.name ?? '', mode, fault, id] as const))('%s %s %s (%s)', async (_requirement, _type, _name, _mode, fault, id) => {
    const { answer, error, retry } = results.get(id) as Result;
    const failed = fault.ends === 'in error';
    expect({ code: error?.code, retriedAfter: retry?.code }).toEqual({ code: failed ? fault.first : undefined, retriedAfter: failed ? undefined : fault.first });
    expect({ ...answer, isSpoiled: !failed && answer?.text !== clean.text }).toMatchObject({ ...(fault.ends === 'well' ? clean : {}), ...fault.answer, isSpoiled: fault.ends === 'spoiled' });
    expect(retry?.delayMs ?? 0).toBeGreaterThanOrEqual(fault.waitsMs ?? 0);
    const lines = await gateway.responses(fault.attempts, (line) => line.run_id === id);
    // By number, not by time: of two lines in one millisecond either may be first.
    expect(lines.toSorted((left, right) => (left['seq'] as number) - (right['seq'] as number)).map((line) => line.fault)).toEqual([id, ...Array.from({ length: fault.attempts - 1 }, () => null)]);
    expect(lines.every((line) => line['host'] === 'reporting-1')).toBe(true);
  });
});

describe('the connector, when the model keeps misbehaving', () => {
  it('R07 asks three times, then not at all until the breaker probes, and is well again when the model is', async () => {
    await using gateway = await FaultGateway.start();
    const harness = createHarness();
    const reliability = new ReliabilityManager({ ...harness, profiles: { LLM: { retry: { baseDelayMs: 5, maxDelayMs: 10 } } }, breakers: { llm: { recoveryMs: 300 } } });
    const llm = new OpenAiLlm({ ...harness, reliability }, { baseUrl: gateway.gateway.url, apiKey: 'key', model: 'netra-builtin' });
    const call = (): Promise<string | undefined> => llm.complete({ system, user, jobId: 'j', userId: 'u', attempt: 1, correlationId: 'c', onDelta: () => undefined }).then(({ finishReason }) => finishReason, (error: { code?: string }) => error.code);
    await gateway.put({ id: 'f', type: 'overloaded' });
    expect(await call()).toBe('LLM_UNAVAILABLE');
    expect([await call(), await call(), await call()]).toEqual(['CIRCUIT_OPEN', 'CIRCUIT_OPEN', 'CIRCUIT_OPEN']);
    expect(await gateway.faults()).toMatchObject([{ calls_seen: 3, calls_affected: 3 }]);
    await until(() => reliability.breaker('llm').retryAfterMs === 0, 'the breaker to probe');
    expect(await call()).not.toBe('stop');
    expect(await gateway.faults()).toMatchObject([{ calls_seen: 4 }]);
    await gateway.put();
    await until(async () => (await call()) === 'stop', 'an answer');
    expect(reliability.breaker('llm').state).toBe('closed');
    await llm.close();
  });
});

/** Noticed by a timer, which is short here; all others must not depend on how busy the machine is. */
function isSilence({ first }: Case): boolean {
  return first === 'LLM_STALLED' || first === 'CALL_TIMEOUT';
}

function requirementOf(fault: Case): string {
  if (fault.waitsMs !== undefined || fault.first === 'LLM_QUOTA_EXHAUSTED') return 'R04';
  if (isSilence(fault)) return 'R08';
  return fault.ends === 'spoiled' ? 'C13' : 'N07';
}

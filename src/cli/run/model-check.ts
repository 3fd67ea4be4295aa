import { z } from 'zod';
import { asError } from '../../core/errors.ts';
import { keepSecret } from '../../core/secrets.ts';
import { nearest } from '../../core/problems.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../error-codes.ts';

const timeoutMs = 5_000;
/** A model that has to be loaded first takes its time. */
const completionTimeoutMs = 30_000;

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) });

/** The key for `--llm-url`: from the environment only, so that it is in no shell history and no journal. */
export function modelKey(environment: CommandContext['environment']): string | undefined {
  const key = environment.NETRA_LLM_API_KEY || environment.OPENAI_API_KEY || undefined;
  keepSecret(key);
  return key;
}

/**
 * Throws MODEL_UNREACHABLE where nothing answers at the URL, the key is refused, what answers is no
 * OpenAI-compatible API, or it does not have the model. A model that the API does not list, which
 * some do not for all of theirs, is asked for one word.
 */
export async function checkModel(url: string, model: string, context: CommandContext): Promise<void> {
  const base = url.replace(/\/+$/, '');
  const list = await call(url, `${base}/models`, {}, timeoutMs, context);
  const listed = list.status === 200 ? modelList.safeParse(list.body).data?.data.map(({ id }) => id) : undefined;
  if (listed?.some((id) => id === model || id === `${model}:latest`)) return;
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Say yes.' }], max_tokens: 1 });
  const answer = await call(url, `${base}/chat/completions`, { method: 'POST', body }, completionTimeoutMs, context);
  if (answer.status === 200 && answer.body !== undefined) return;
  if (answer.body === undefined) throw unreachable(url, `answers ${answer.status} with ${answer.contentType}, which is no OpenAI-compatible API; its base URL usually ends in /v1`);
  const near = listed && nearest(model, listed);
  const advice = near !== undefined ? `did you mean ${near}?` : listed !== undefined && listed.length > 0 ? `it has ${listed.slice(0, 10).join(', ')}` : 'check --llm-model';
  throw unreachable(url, `does not answer for the model '${model}' (${answer.status}: ${saidIn(answer.body)}); ${advice}`);
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** Undefined where it is no JSON. */
  readonly body: unknown;
}

async function call(url: string, target: string, init: { method?: string; body?: string }, withinMs: number, context: CommandContext): Promise<Answer> {
  const key = modelKey(context.environment);
  const timeout = new AbortController();
  const cancel = context.clock.setTimer(withinMs, () => timeout.abort(new Error(`no answer within ${withinMs / 1_000} s`)));
  try {
    const response = await fetch(target, {
      ...init,
      headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      signal: AbortSignal.any([context.signal, timeout.signal]),
    });
    const text = await response.text();
    if (response.status === 401 || response.status === 403) {
      throw unreachable(url, `refuses the key (${response.status}); set NETRA_LLM_API_KEY${key === undefined ? ', which is not set' : ' to one that it takes'}`);
    }
    return { status: response.status, contentType: response.headers.get('content-type') ?? 'no content type', body: parseJson(text) };
  } catch (error) {
    if (error instanceof CliError || context.signal.aborted) throw error;
    const { cause } = asError(error);
    throw unreachable(url, `does not answer: ${timeout.signal.aborted ? asError(timeout.signal.reason).message : cause instanceof Error ? cause.message : asError(error).message}`, error);
  } finally {
    cancel();
  }
}

function unreachable(url: string, what: string, cause?: unknown): CliError {
  return new CliError('MODEL_UNREACHABLE', `--llm-url ${url} ${what}`, cause === undefined ? {} : { cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A web page, most likely; its status and type are told.
  }
}

const errorBody = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

function saidIn(body: unknown): string {
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return 'without a reason';
  return (typeof parsed.data.error === 'string' ? parsed.data.error : parsed.data.error.message).slice(0, 300);
}

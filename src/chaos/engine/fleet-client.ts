import type { Clock } from '../../core/clock.ts';
import { z } from 'zod';

const jobAnswer = z.object({ run_id: z.string(), correlation_id: z.string() });
const errorAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
const jobView = z.looseObject({ run_id: z.string(), status: z.string(), result: z.record(z.string(), z.unknown()).optional() });
const hostDetail = z.looseObject({ level: z.int(), dependencies: z.record(z.string(), z.looseObject({ up: z.boolean().optional() })) });
export type JobView = z.infer<typeof jobView>;

export interface JobSubmissionBody {
  readonly run_id: string;
  readonly user_id: string;
  readonly question: string;
  readonly period: { readonly from: string; readonly to: string };
  readonly timeout_ms?: number;
}

/** The fleet refused, or did not answer as the protocol says. */
export class FleetCallError extends Error {
  override readonly name = 'FleetCallError';
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The HTTP side of the fleet protocol, as the lab uses it. Every call ends within `timeoutMs`. */
export class FleetClient {
  readonly #clock: Clock;
  readonly #token: string;
  readonly #timeoutMs: number;

  constructor(clock: Clock, token: string, timeoutMs = 10_000) {
    this.#clock = clock;
    this.#token = token;
    this.#timeoutMs = timeoutMs;
  }

  async submit(url: string, body: JobSubmissionBody, signal: AbortSignal): Promise<{ run_id: string; correlation_id: string }> {
    return this.#parse(await this.#call(`${url}/jobs`, { method: 'POST', body: JSON.stringify(body) }, signal), 202, jobAnswer);
  }

  async job(url: string, runId: string, signal: AbortSignal): Promise<JobView> {
    return this.#parse(await this.#call(`${url}/jobs/${encodeURIComponent(runId)}`, { method: 'GET' }, signal), 200, jobView);
  }

  /** A host's level, and which of its dependencies are up. */
  async detail(url: string, signal: AbortSignal): Promise<z.infer<typeof hostDetail>> {
    return this.#parse(await this.#call(`${url}/health/detailed`, { method: 'GET' }, signal), 200, hostDetail);
  }

  /** False as long as the host is not ready or does not answer. */
  async isReady(url: string, signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.#call(`${url}/health/ready`, { method: 'GET' }, signal)).status === 200;
    } catch (error) {
      if (signal.aborted) throw error;
      return false;
    }
  }

  async #call(url: string, init: { method: string; body?: string }, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const timeout = new AbortController();
    const cancel = this.#clock.setTimer(this.#timeoutMs, () => timeout.abort(new Error(`no answer within ${this.#timeoutMs} ms`)));
    try {
      const response = await fetch(url, {
        ...init,
        headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
        signal: AbortSignal.any([signal, timeout.signal]),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      if (signal.aborted) throw error;
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new FleetCallError('HOST_UNREACHABLE', `${init.method} ${url}: ${cause instanceof Error ? cause.message : String(cause)}`, error);
    } finally {
      cancel();
    }
  }

  #parse<T>(answer: { status: number; text: string }, status: number, schema: z.ZodType<T>): T {
    let body: unknown;
    try {
      body = JSON.parse(answer.text);
    } catch (error) {
      throw new FleetCallError('PROTOCOL', `the fleet answered ${answer.status} with no JSON: ${answer.text.slice(0, 200)}`, error);
    }
    if (answer.status === status) {
      const parsed = schema.safeParse(body);
      if (parsed.success) return parsed.data;
      throw new FleetCallError('PROTOCOL', `the fleet answered ${status} with another shape: ${z.prettifyError(parsed.error)}`);
    }
    const refused = errorAnswer.safeParse(body);
    if (refused.success) throw new FleetCallError(refused.data.error.code, refused.data.error.message);
    throw new FleetCallError('PROTOCOL', `the fleet answered ${answer.status} without an error body: ${answer.text.slice(0, 200)}`);
  }
}

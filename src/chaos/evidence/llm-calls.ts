import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { LlmCalled } from '../../journal/events.ts';
import type { EvidenceContext } from '../engine/run-engine.ts';
import { evidenceWithin } from './bounded.ts';

const timeoutMs = 20_000;

const subject = {
  at: z.string(),
  call_id: z.string(),
  host: z.string().nullish(),
  run_id: z.string().nullable(),
  section: z.string().nullable(),
  attempt: z.number().nullable(),
  user_id: z.string().optional(),
};
const line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('request'), ...subject }),
  z.object({
    type: z.literal('response'),
    ...subject,
    status: z.number().nullable(),
    prompt_tokens: z.number().nullable(),
    completion_tokens: z.number().nullable(),
    duration_ms: z.number(),
    outcome: z.string(),
    fault: z.string().nullish(),
  }),
]);

/** Copies the run's calls from the gateway's log, in the order in which they came in. */
export async function collectLlmCalls(context: EvidenceContext): Promise<void> {
  const { infra, runId, journal } = context;
  const calls = await evidenceWithin(context, 'llm', "the model's calls", timeoutMs, (signal) => readLlmCalls(infra.llmLogPath, runId, signal));
  for (const call of calls ?? []) journal.append(call);
}

/**
 * Calls of a gateway's log for jobs of one run, each from its request line and, where there is one by now, its
 * response line. Throws for a line that cannot be read; the last one may still be being written.
 */
export async function readLlmCalls(path: string, runId: string, signal: AbortSignal): Promise<LlmCalled[]> {
  const calls = new Map<string, LlmCalled>();
  let number = 0;
  let unreadable: string | undefined;
  for await (const text of createInterface({ input: createReadStream(path, { encoding: 'utf8', signal }), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (unreadable !== undefined) throw new Error(unreadable);
    number += 1;
    if (text === '') continue;
    const parsed = parse(text);
    if (parsed === undefined) {
      unreadable = `${path}:${number}: this is no line of the gateway's log`;
      continue;
    }
    if (parsed.run_id?.startsWith(`${runId}-`) !== true) continue;
    const { call_id: callId, run_id: jobId, section, attempt, at } = parsed;
    const before = calls.get(callId);
    const call: LlmCalled = before ?? {
      type: 'llm.called',
      call_id: callId,
      host_at: Date.parse(at),
      host: parsed.host ?? null,
      job_id: jobId,
      ...(parsed.user_id === undefined ? {} : { user_id: parsed.user_id }),
      section,
      attempt,
      status: null,
      outcome: 'unanswered',
      prompt_tokens: 0,
      completion_tokens: 0,
      duration_ms: 0,
      fault: null,
    };
    calls.set(
      callId,
      parsed.type === 'request'
        ? call
        : { ...call, status: parsed.status, outcome: parsed.outcome, prompt_tokens: parsed.prompt_tokens ?? 0, completion_tokens: parsed.completion_tokens ?? 0, duration_ms: parsed.duration_ms, fault: parsed.fault ?? null },
    );
  }
  return [...calls.values()];
}

function parse(text: string): z.output<typeof line> | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

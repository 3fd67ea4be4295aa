import type { FaultCall } from '../faults/define-fault.ts';
import type { BodyPiece, LlmReply } from '../llm-call.ts';
import { bytesOf, chunkOf, choiceOf, contentOf, dataOf, eventsOf, eventWith, isAnswer, isStream, parseObject, type Json } from './events.ts';

/** What a model has answered, however it was sent. */
export interface AnswerText {
  readonly content: string;
  readonly finishReason: string | null;
}

/** What it is made to have answered; a member left out stays as it was. */
export interface ChangedAnswer {
  readonly content?: string | null;
  readonly finishReason?: string | null;
  /** Further members of the message, or of a stream's delta, such as `refusal`. */
  readonly message?: Readonly<Record<string, unknown>>;
}

/** Undefined: there is nothing in this answer to change. */
export type Edit = (answer: AnswerText) => ChangedAnswer | undefined;

const CHUNK_CHARACTERS = 40;

/** Changes what the answer says, not how it is sent. A stream is held back until it is known as a whole, and then sent at once. */
export function editAnswer(call: FaultCall, reply: LlmReply, edit: Edit): LlmReply {
  if (!isAnswer(reply)) return reply;
  const noticed: Edit = (answer) => {
    const changed = edit(answer);
    if (changed !== undefined) call.touch();
    return changed;
  };
  return { ...reply, body: isStream(reply) ? editStream(reply.body, noticed) : editWhole(reply.body, noticed) };
}

async function* editWhole(body: AsyncIterable<BodyPiece>, edit: Edit): AsyncGenerator<BodyPiece> {
  const bytes = await bytesOf(body);
  const completion = parseObject(bytes.toString('utf8'));
  const choice = choiceOf(completion);
  const message = choice?.['message'] as Json | undefined;
  const changed = message && edit({ content: textIn(message['content']), finishReason: reasonIn(choice) });
  if (changed === undefined) {
    yield bytes;
    return;
  }
  const { content = message?.['content'], finishReason = choice?.['finish_reason'] } = changed;
  yield JSON.stringify({ ...completion, choices: [{ ...choice, message: { ...message, content, ...changed.message }, finish_reason: finishReason }] });
}

async function* editStream(body: AsyncIterable<BodyPiece>, edit: Edit): AsyncGenerator<BodyPiece> {
  const events: string[] = [];
  for await (const event of eventsOf(body)) events.push(event);
  const chunks = events.map(chunkOf).filter((chunk) => chunk !== undefined);
  const finishReason = chunks.map((chunk) => reasonIn(choiceOf(chunk))).find((reason) => reason !== null) ?? null;
  const changed = chunks.length === 0 ? undefined : edit({ content: events.map(contentOf).join(''), finishReason });
  if (changed === undefined) {
    yield* events;
    return;
  }
  const { choices: _choices, usage, ...frame } = chunks[0] as Json;
  const event = (delta: object, finish: string | null = null): string =>
    eventWith({ ...frame, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...(usage === undefined ? {} : { usage: null }) });
  const { content = events.map(contentOf).join(''), finishReason: reason = finishReason } = changed;
  yield event({ role: 'assistant', content: content === null ? null : '', ...changed.message });
  for (const piece of content?.match(new RegExp(`[\\s\\S]{1,${CHUNK_CHARACTERS}}`, 'gu')) ?? []) yield event({ content: piece });
  if (reason !== null) yield event({}, reason);
  // What follows the text stays: usage counts, the terminator.
  yield* events.filter((kept) => dataOf(kept) !== undefined && choiceOf(chunkOf(kept)) === undefined);
}

function textIn(content: unknown): string {
  return typeof content === 'string' ? content : '';
}

function reasonIn(choice: Json | undefined): string | null {
  const reason = choice?.['finish_reason'];
  return typeof reason === 'string' ? reason : null;
}

/** Changes each JSON object of the answer as it passes; null leaves it out. `change` tells whether it did anything. */
export function editObjects(call: FaultCall, reply: LlmReply, change: (object: Json) => Json | null): LlmReply {
  if (!isAnswer(reply)) return reply;
  let touched = false;
  const changed = (object: Json): Json | null => {
    const result = change(object);
    if (result !== object && !touched) {
      touched = true;
      call.touch();
    }
    return result;
  };
  async function* stream(): AsyncGenerator<BodyPiece> {
    for await (const event of eventsOf(reply.body)) {
      const chunk = chunkOf(event);
      const result = chunk && changed(chunk);
      if (result === undefined || result === chunk) yield event;
      else if (result !== null) yield eventWith(result);
    }
  }
  async function* whole(): AsyncGenerator<BodyPiece> {
    const bytes = await bytesOf(reply.body);
    const completion = parseObject(bytes.toString('utf8'));
    const result = completion && changed(completion);
    yield result === undefined || result === null || result === completion ? bytes : JSON.stringify(result);
  }
  return { ...reply, body: isStream(reply) ? stream() : whole() };
}

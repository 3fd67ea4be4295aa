import { isObject } from '../chat-request.ts';
import type { BodyPiece, LlmReply } from '../llm-call.ts';

/**
 * The events of a text/event-stream body, each with its blank line, however its pieces are cut; what is
 * left at the end without one comes last. Grammar: WHATWG HTML, "Parsing an event stream".
 */
export async function* eventsOf(body: AsyncIterable<BodyPiece>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let buffer = '';
  for await (const piece of body) {
    buffer += typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    for (let end = endOfEvent(buffer); end !== -1; end = endOfEvent(buffer)) {
      yield buffer.slice(0, end);
      buffer = buffer.slice(end);
    }
  }
  buffer += decoder.decode();
  if (buffer !== '') yield buffer;
}

function endOfEvent(text: string): number {
  const blank = /\r\n\r\n|\n\n|\r\r/.exec(text);
  return blank === null ? -1 : blank.index + blank[0].length;
}

/** The event's data lines, joined; undefined for a comment. */
export function dataOf(event: string): string | undefined {
  const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'));
  return lines.length === 0 ? undefined : lines.map((line) => line.slice(line.startsWith('data: ') ? 6 : 5)).join('\n');
}

export type Json = Readonly<Record<string, unknown>>;

/** The event's JSON object; undefined where it holds none: comments, `[DONE]`. */
export function chunkOf(event: string): Json | undefined {
  const data = dataOf(event);
  return data === undefined ? undefined : parseObject(data);
}

export function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // `[DONE]`, or what an upstream sends that is no JSON: passed on as it is.
  }
}

/** The first choice of a chunk or completion. */
export function choiceOf(json: Json | undefined): Json | undefined {
  const choices = json?.['choices'];
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  return isObject(first) ? first : undefined;
}

/** The text that an event adds to the answer. */
export function contentOf(event: string): string {
  const delta = choiceOf(chunkOf(event))?.['delta'];
  const content = isObject(delta) ? delta['content'] : undefined;
  return typeof content === 'string' ? content : '';
}

export function eventWith(json: object): string {
  return `data: ${JSON.stringify(json)}\n\n`;
}

/** By what was answered, not by what was asked: some servers do not stream. */
export function isStream({ headers }: LlmReply): boolean {
  return headers['content-type']?.includes('text/event-stream') ?? false;
}

export async function bytesOf(body: AsyncIterable<BodyPiece>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** An answer that has begun well, and can be spoiled. */
export function isAnswer({ status }: LlmReply): boolean {
  return status === 200;
}

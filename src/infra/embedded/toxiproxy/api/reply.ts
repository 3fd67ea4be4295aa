import type { ApiError } from '../error-codes.ts';
import { toGoJson } from './go-json.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const PLAIN_TEXT = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' };

export function json(status: number, value: unknown, contentType = 'application/json'): Reply {
  return { status, headers: { 'Content-Type': contentType }, body: toGoJson(value) };
}

export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body: '' };
}

/** What Go's http.Error writes: plain text, a newline, no sniffing. */
export function plainText(status: number, text: string): Reply {
  return { status, headers: PLAIN_TEXT, body: `${text}\n` };
}

/** An API error: JSON in the body, yet plain text in the header, since http.Error has the last word. */
export function failure(error: ApiError): Reply {
  return plainText(error.status, toGoJson({ error: error.message, status: error.status }));
}

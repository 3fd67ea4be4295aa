/** A server that says "come back in six weeks" is not obeyed by sleeping: what is longer than this is read as this. */
export const MAX_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

const DECIMAL = /^\d+(?:\.\d+)?$/;
/** IMF-fixdate of RFC 9110; the obsolete forms are left unread, as `Date.parse` guesses at them. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Reads `retry-after-ms` (milliseconds) or `Retry-After` (seconds or HTTP date, RFC 9110 §10.2.3).
 * Returns milliseconds in (0, MAX_RETRY_AFTER_MS], or undefined for what is absent, zero, past or
 * unreadable: then the backoff alone decides, so that "0" is no licence to hammer.
 *
 * @param headers a `Headers`, or a plain object with names in any case
 */
export function retryAfterMsFromHeaders(headers: unknown, wallNowMs: number): number | undefined {
  const milliseconds = headerValue(headers, 'retry-after-ms');
  if (milliseconds !== undefined && DECIMAL.test(milliseconds)) return capped(Number(milliseconds));
  const value = headerValue(headers, 'retry-after');
  return value === undefined ? undefined : parseRetryAfter(value, wallNowMs);
}

/** Reads one `Retry-After` value; see `retryAfterMsFromHeaders`. */
export function parseRetryAfter(value: string, wallNowMs: number): number | undefined {
  const text = value.trim();
  if (DECIMAL.test(text)) return capped(Number(text) * 1000);
  if (HTTP_DATE.test(text)) return capped(Date.parse(text) - wallNowMs);
  return undefined;
}

function capped(ms: number): number | undefined {
  return ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}

function headerValue(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  if ('get' in headers && typeof headers.get === 'function') {
    const value: unknown = headers.get(name);
    return typeof value === 'string' ? value.trim() : undefined;
  }
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() !== name) continue;
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return typeof first === 'string' || typeof first === 'number' ? String(first).trim() : undefined;
  }
  return undefined;
}

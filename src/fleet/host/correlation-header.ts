import type { IncomingHttpHeaders } from 'node:http';
import { newCorrelationId } from '../../core/ids.ts';

export const correlationHeader = 'x-correlation-id';

/** The request's own where it is one: visible characters, at most 200; otherwise a new one. */
export function correlationIdOf(headers: IncomingHttpHeaders): string {
  const header = headers[correlationHeader];
  return typeof header === 'string' && /^[\x21-\x7e]{1,200}$/.test(header) ? header : newCorrelationId();
}

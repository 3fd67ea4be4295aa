import { codesOfStatus } from './error-statuses.ts';
import { ref } from './schemas.ts';

type Member = Readonly<Record<string, unknown>>;

const said: Readonly<Record<number, string>> = {
  400: 'What was sent cannot be read or does not fit.',
  401: 'The bearer token is missing or wrong.',
  404: 'This host does not serve that, or does not know it.',
  409: 'The run id stands for another job.',
  413: 'The body is too large; the connection is closed.',
  500: 'The host failed in a way that trying again will not mend.',
  503: 'Not now: something is starting, draining, or away. Try again, where `retry_after_ms` is given after that.',
  504: 'The answer was not there by the deadline.',
};

const correlation: Member = { 'x-correlation-id': { $ref: '#/components/headers/CorrelationId' } };

export const jsonBody = (schema: unknown): Member => ({ 'application/json': { schema } });

export function answer(description: string, content: Member): Member {
  return { description, headers: correlation, content };
}

/** The error answers by name, each with the codes that it may carry. */
export const errorResponses: Readonly<Record<string, Member>> = {
  ...Object.fromEntries(
    Object.entries(said).map(([status, description]) => [
      `Error${status}`,
      answer(description, jsonBody({ allOf: [ref('ErrorBody'), { type: 'object', properties: { error: { type: 'object', properties: { code: { enum: codesOfStatus(Number(status)) } } } } }] })),
    ]),
  ),
  // Node answers this itself: the request is not there yet that a correlation id could be read from.
  RequestTimeout: { description: 'The request did not arrive in full within 30 s. Without a body; the connection is closed.' },
};

/** References to the error answers of these statuses. */
export function errors(...statuses: readonly number[]): Member {
  return Object.fromEntries(statuses.map((status) => [String(status), { $ref: `#/components/responses/${status === 408 ? 'RequestTimeout' : `Error${status}`}` }]));
}

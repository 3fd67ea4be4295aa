import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, sendText } from '../http-io.ts';
import type { FaultBoard } from './board.ts';

/**
 * `PUT /netra/faults` with `{faults: [{id, type, trigger, match, seed, …parameters}]}` replaces the list and
 * answers `{faults, removed}`; `GET` answers `{faults}`: each as it was sent, with `calls_seen` and
 * `calls_affected`. What is wrong with a list is answered with 400 and all `problems`; the old one stays.
 */
export async function serveFaults(board: FaultBoard, request: IncomingMessage, response: ServerResponse, maxBodyBytes: number): Promise<void> {
  if (request.method === 'GET') return sendJson(response, 200, { faults: board.list() });
  const text = await readBody(request, maxBodyBytes);
  // Loaded here only: a run without faults need not wait for all their schemas to be built.
  const { parseFaults } = await import('./parse-faults.ts');
  const parsed = parseFaults(text);
  if ('problems' in parsed) {
    const { problems } = parsed;
    const message = `The faults cannot be installed: ${problems.map(({ where, what, fix }) => `${where} ${what}; ${fix}`).join('. ')}.`;
    return sendJson(response, 400, { error: { message, type: 'invalid_request_error', param: 'faults', code: 'invalid_faults' }, problems });
  }
  const removed = board.replace(parsed.orders);
  sendJson(response, 200, { faults: board.list(), removed });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  sendText(response, status, 'application/json', JSON.stringify(body));
}

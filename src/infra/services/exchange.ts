import { connect } from 'node:net';
import { abortReason } from '../../core/abort.ts';
import type { Endpoint } from '../provider.ts';

/**
 * Connects, sends `request` and reads until `answer` makes something of what has come so far. Rejects when the
 * connection fails or ends before that, when `answer` throws, and with the signal's reason.
 */
export function exchange<T>(endpoint: Endpoint, request: Buffer, answer: (received: Buffer) => T | undefined, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) return reject(abortReason(signal));
    const socket = connect(endpoint);
    let received: Buffer = Buffer.alloc(0);
    const settle = (finish: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      finish();
    };
    const onAbort = (): void => settle(() => reject(abortReason(signal)));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('connect', () => socket.write(request));
    socket.on('error', (error) => settle(() => reject(error)));
    socket.on('close', () => settle(() => reject(new Error('the connection was closed before an answer came'))));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      try {
        const result = answer(received);
        if (result !== undefined) settle(() => resolve(result));
      } catch (error) {
        settle(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    });
  });
}

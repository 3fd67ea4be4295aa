import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import type { Endpoint } from '../provider.ts';
import type { ComponentName } from './components.ts';

/** One JSON object a line, on the process's stdout. */
export type ProcessMessage =
  | { readonly type: 'service.listening'; readonly service: ComponentName; readonly direct: Endpoint; readonly upstream: Endpoint }
  | { readonly type: 'service.warning'; readonly service: ComponentName; readonly message: string }
  /** The process ends after it. */
  | { readonly type: 'service.failed'; readonly service: ComponentName; readonly message: string };

/** One JSON object a line, on the process's stdin; its end ends the process. */
export interface OwnerMessage {
  readonly type: 'service.proxied';
  readonly service: ComponentName;
  readonly endpoint: Endpoint;
}

/** Lines that are no JSON (a library that prints) go to `onNoise`. */
export function readJsonLines(stream: Readable, onMessage: (message: unknown) => void, onNoise: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      onNoise(line);
      return;
    }
    onMessage(message);
  });
}

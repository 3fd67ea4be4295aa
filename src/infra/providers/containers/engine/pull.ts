import { createInterface } from 'node:readline';
import { raceAbort } from '../../../../core/abort.ts';
import type { CancelTimer, Clock } from '../../../../core/clock.ts';
import { asError } from '../../../../core/errors.ts';
import { InfraUnavailable } from '../../../error-codes.ts';
import { splitReference } from '../images.ts';
import type { Engine } from './engine.ts';
import { callEngine, EngineRefusal } from './http.ts';

/** A pull that gets nothing for so long counts as unreachable. */
export const STALLED_AFTER_MS = 10_000;

export interface PullProgress {
  readonly receivedBytes: number;
  /** Of the layers known so far; it grows while the engine learns of more. */
  readonly totalBytes: number;
}

export interface PullOptions {
  /** Environment variable that names another image. */
  readonly variable: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: PullProgress) => void;
}

/** One line of the engine's answer. */
interface PullLine {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
}

/** Has the engine fetch an image. Throws InfraUnavailable with the cause and the command that mends it; what has arrived stays with the engine. */
export async function pullImage(engine: Engine, image: string, { variable, clock, signal, onProgress }: PullOptions): Promise<void> {
  const stalled = new AbortController();
  let cancel: CancelTimer | undefined;
  const heard = (): void => {
    cancel?.();
    cancel = clock.setTimer(STALLED_AFTER_MS, () => stalled.abort(new InfraUnavailable(`The image ${image} does not arrive: nothing came from its registry for ${STALLED_AFTER_MS / 1_000} s. Check the network, or name an image that is reachable (${variable}).`)));
  };
  const within = AbortSignal.any([signal, stalled.signal]);
  heard();
  try {
    const { name, tag } = splitReference(image);
    const response = await callEngine(engine.address, { method: 'POST', path: `/images/create?fromImage=${encodeURIComponent(name)}&tag=${encodeURIComponent(tag)}`, signal: within });
    const layers = new Layers();
    const lines = createInterface({ input: response, crlfDelay: Number.POSITIVE_INFINITY });
    const read = (async (): Promise<void> => {
      for await (const line of lines) {
        if (line.trim() === '') continue;
        const told = JSON.parse(line) as PullLine;
        if (told.error !== undefined) throw new Error(told.error);
        if (!layers.apply(told)) continue;
        heard();
        onProgress?.(layers.progress());
      }
    })();
    await raceAbort(read, within).finally(() => lines.close());
  } catch (error) {
    if (signal.aborted || error instanceof InfraUnavailable) throw within.aborted ? asError(within.reason) : error;
    throw pullFailure(asError(error), image, variable);
  } finally {
    cancel?.();
  }
}

/** What is known of each layer: the engine repeats itself, and only what is new is progress. */
class Layers {
  readonly #layers = new Map<string, { status: string; current: number; total: number }>();

  /** Whether the line says something new. */
  apply({ id = '', status = '', progressDetail = {} }: PullLine): boolean {
    const known = this.#layers.get(id);
    const { current = 0, total = 0 } = progressDetail;
    if (known !== undefined && known.status === status && current <= known.current) return false;
    // Unpacking counts from zero again; what has been received stays so.
    const receiving = status === 'Downloading' || known === undefined;
    this.#layers.set(id, { status, current: receiving ? current : status === 'Download complete' ? known.total : Math.max(known.current, current), total: Math.max(known?.total ?? 0, total) });
    return true;
  }

  progress(): PullProgress {
    const layers = [...this.#layers.values()];
    return { receivedBytes: layers.reduce((sum, { current }) => sum + current, 0), totalBytes: layers.reduce((sum, { total }) => sum + total, 0) };
  }
}

function pullFailure(error: Error, image: string, variable: string): InfraUnavailable {
  const because = error.message.trim().replace(/\.$/, '');
  const absent = error instanceof EngineRefusal && error.status === 404;
  const [cause, mend] =
    absent || /manifest unknown|not found: manifest|no matching manifest/i.test(because)
      ? ['its registry has no such image', `check its name and tag, or name another (${variable})`]
      : /denied|unauthorized|authentication required/i.test(because)
        ? ['its registry refuses it', `fetch it with your credentials (\`docker login\`, then \`docker pull ${image}\`), or name another (${variable})`]
        : /toomanyrequests|rate limit/i.test(because)
          ? ['its registry allows no more pulls for now', `\`docker login\` raises the limit, or name an image of another registry (${variable})`]
          : /no space left/i.test(because)
            ? ['the disk of the engine is full', '`docker system prune` frees what nothing uses']
            : ['its registry cannot be reached', `try \`docker pull ${image}\`, or name an image that is reachable (${variable})`];
  return new InfraUnavailable(`The image ${image} cannot be had: ${cause} (${because}); ${mend}. \`--infra embedded\` needs none.`, { cause: error });
}

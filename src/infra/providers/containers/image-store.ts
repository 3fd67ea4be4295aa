import type { Clock } from '../../../core/clock.ts';
import type { InfraEvent } from '../../provider.ts';
import type { Engine } from './engine/engine.ts';
import { pullImage, type PullProgress } from './engine/pull.ts';
import { imageNames, imageOf, images, type ImageName } from './images.ts';
import type { EngineSurvey } from './survey.ts';

const TELL_EVERY_MS = 3_000;

export interface FetchOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: (event: InfraEvent & { readonly type: 'infra.image_pull' }) => void;
}

/** Fetches all images that are missing, at once; resolves with the milliseconds that each took, 0 for those that were there. Throws InfraUnavailable. */
export async function fetchImages({ engine, missing }: EngineSurvey, options: FetchOptions): Promise<Readonly<Record<ImageName, number>>> {
  const tookMs = await Promise.all(imageNames.map(async (name) => (missing.includes(name) ? fetchImage(engine, name, options) : 0)));
  return Object.fromEntries(imageNames.map((name, index) => [name, tookMs[index]])) as Record<ImageName, number>;
}

async function fetchImage(engine: Engine, service: ImageName, { environment, clock, signal, onEvent }: FetchOptions): Promise<number> {
  const startMs = clock.monotonicMs();
  const image = imageOf(service, environment);
  let latest: PullProgress = { receivedBytes: 0, totalBytes: 0 };
  let toldMs = startMs;
  const tell = (done: boolean): void => onEvent({ type: 'infra.image_pull', service, image, ...latest, done });
  tell(false);
  await pullImage(engine, image, {
    variable: images[service].variable,
    clock,
    signal,
    onProgress: (progress) => {
      latest = progress;
      if (clock.monotonicMs() - toldMs < TELL_EVERY_MS) return;
      toldMs = clock.monotonicMs();
      tell(false);
    },
  });
  tell(true);
  return clock.monotonicMs() - startMs;
}

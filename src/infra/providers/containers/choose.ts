import type { Clock } from '../../../core/clock.ts';
import { asError } from '../../../core/errors.ts';
import { InfraUnavailable } from '../../error-codes.ts';
import type { InfraProvider } from '../../provider.ts';
import { containers } from '../containers.ts';
import { embedded } from '../embedded.ts';
import { fetchImages } from './image-store.ts';
import { imageOf } from './images.ts';
import { surveyEngine, type EngineSurvey } from './survey.ts';
import { withTimeLimit } from './time-limit.ts';

/** Nobody who typed `run` for the first time is to wait for hundreds of megabytes; what has arrived by then stays with the engine. */
const ARRIVE_WITHIN_MS = 30_000;

export interface ChoiceOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly keep: boolean;
  /** Told in a sentence why it takes long. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

interface Choice {
  readonly provider: InfraProvider;
  readonly reason: string;
}

/** Throws InfraUnavailable where there is no engine that can be used; images that are missing are fetched by the start. */
export async function chooseContainers(options: ChoiceOptions): Promise<Choice> {
  await surveyEngine(options);
  return { provider: containers(options), reason: 'containers were asked for.' };
}

/**
 * Containers where an engine answers within 2 s and has the images, or gets them within 30 s, none of them stalling
 * for 10 s; otherwise embedded. Throws only the signal's reason.
 */
export async function chooseAutomatically(options: ChoiceOptions): Promise<Choice> {
  const { environment, clock, signal, onProgress } = options;
  try {
    const survey = await surveyEngine(options);
    if (survey.missing.length > 0) {
      onProgress?.(`fetching images that containers need: ${namesOf(survey, environment)}; if they are not here within ${ARRIVE_WITHIN_MS / 1_000} s, embedded services do.`);
      const late = (): Error => new InfraUnavailable(`the images had not arrived within ${ARRIVE_WITHIN_MS / 1_000} s (${fetchCommand(survey, environment)} fetches them).`);
      await withTimeLimit(clock, ARRIVE_WITHIN_MS, signal, late, (within) => fetchImages(survey, { environment, clock, signal: within, onEvent: () => undefined }));
    }
    return { provider: containers(options), reason: `auto chooses containers: ${engineName(survey)} has the images.` };
  } catch (error) {
    signal.throwIfAborted();
    return { provider: embedded, reason: `auto chooses embedded: ${firstSentence(asError(error).message)}` };
  }
}

/** What `auto` would do now, without doing it. */
export async function explainAutomatic(options: Omit<ChoiceOptions, 'keep' | 'onProgress'>): Promise<string> {
  const { environment, signal } = options;
  try {
    const survey = await surveyEngine(options);
    if (survey.missing.length === 0) return `auto chooses containers: ${engineName(survey)} has the images.`;
    return `auto fetches ${namesOf(survey, environment)} first, and chooses containers if they arrive within ${ARRIVE_WITHIN_MS / 1_000} s, else embedded; ${fetchCommand(survey, environment)} fetches them.`;
  } catch (error) {
    signal.throwIfAborted();
    return `auto chooses embedded: ${firstSentence(asError(error).message)}`;
  }
}

function engineName({ engine, version }: EngineSurvey): string {
  return `the container engine at ${engine.address.url} (${version})`;
}

function namesOf({ missing }: EngineSurvey, environment: ChoiceOptions['environment']): string {
  return missing.map((name) => imageOf(name, environment)).join(', ');
}

export function fetchCommand({ missing }: EngineSurvey, environment: ChoiceOptions['environment']): string {
  return `\`${missing.map((name) => `docker pull ${imageOf(name, environment)}`).join(' && ')}\``;
}

/** The cause; what mends it is of no use to whoever has a provider already. */
function firstSentence(message: string): string {
  const sentence = /^.*?\.(?=\s|$)/s.exec(message)?.[0] ?? message;
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

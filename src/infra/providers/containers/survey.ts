import type { Clock } from '../../../core/clock.ts';
import { InfraUnavailable } from '../../error-codes.ts';
import { engineAddress, type EngineAddress } from './engine/address.ts';
import { Engine } from './engine/engine.ts';
import { engineFailure } from './engine/failures.ts';
import { imageNames, imageOf, type ImageName } from './images.ts';
import { withTimeLimit } from './time-limit.ts';

const PING_WITHIN_MS = 2_000;
const ANSWER_WITHIN_MS = 10_000;
/** Leases, deadlines and the times in reports are compared between hosts here and services there. */
const MOST_SKEW_MS = 5_000;

export interface EngineSurvey {
  readonly engine: Engine;
  readonly operatingSystem: string;
  readonly version: string;
  readonly present: readonly ImageName[];
  readonly missing: readonly ImageName[];
}

export interface SurveyOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What the container engine of this machine is, and which of the images it has. Throws InfraUnavailable where there is none that can be used. Changes nothing. */
export async function surveyEngine({ environment, clock, signal }: SurveyOptions): Promise<EngineSurvey> {
  const address = engineAddress(environment);
  const engine = new Engine(address);
  try {
    await withTimeLimit(clock, PING_WITHIN_MS, signal, () => silent(address, PING_WITHIN_MS), (within) => engine.ping(within));
    return await withTimeLimit(clock, ANSWER_WITHIN_MS, signal, () => silent(address, ANSWER_WITHIN_MS), async (within) => {
      const [info, ...there] = await Promise.all([askInfo(engine, clock, within), ...imageNames.map((name) => engine.hasImage(imageOf(name, environment), within))]);
      return {
        engine,
        operatingSystem: info.OperatingSystem,
        version: info.ServerVersion,
        present: imageNames.filter((_, index) => there[index] === true),
        missing: imageNames.filter((_, index) => there[index] !== true),
      };
    });
  } catch (error) {
    signal.throwIfAborted();
    throw engineFailure(error, 'The container engine cannot be used', address);
  }
}

async function askInfo(engine: Engine, clock: Clock, signal: AbortSignal): ReturnType<Engine['info']> {
  const askedAt = clock.now();
  const info = await engine.info(signal);
  const skewMs = Date.parse(info.SystemTime) - askedAt;
  // The engine looked at its clock at some time between the question and the answer.
  const offByMs = skewMs < 0 ? skewMs : Math.max(0, skewMs - (clock.now() - askedAt));
  if (Math.abs(offByMs) > MOST_SKEW_MS) {
    const seconds = Math.round(Math.abs(offByMs) / 1_000);
    throw new InfraUnavailable(`The clock of the container engine is ${seconds} s ${offByMs < 0 ? 'behind' : 'ahead of'} this machine's, so times could not be compared. Set both by the network (\`timedatectl set-ntp true\`); with Docker Desktop, restart it.`);
  }
  return info;
}

function silent({ url }: EngineAddress, limitMs: number): InfraUnavailable {
  return new InfraUnavailable(`The container engine at ${url} does not answer within ${limitMs / 1_000} s. Restart it (\`sudo systemctl restart docker\`, or Docker Desktop), or use \`--infra embedded\`, which needs no engine.`);
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Clock } from '../../core/clock.ts';
import { asError } from '../../core/errors.ts';
import { InfraUnavailable } from '../../infra/error-codes.ts';
import { engineAddress, type EngineAddress } from '../../infra/providers/containers/engine/address.ts';
import { Engine } from '../../infra/providers/containers/engine/engine.ts';
import { engineFailure } from '../../infra/providers/containers/engine/failures.ts';
import { sweep } from '../../infra/providers/containers/leftovers.ts';
import { withTimeLimit } from '../../infra/providers/containers/time-limit.ts';
import type { CommandContext } from '../context.ts';
import type { FleetChoice } from '../fleet-option.ts';

const imageVariable = 'NETRA_IMAGE_FLEET';
const defaultImage = 'netra-resilience';
const answerWithinMs = 10_000;

/** What hosts need to run in containers. */
export interface FleetContainers {
  readonly image: string;
  readonly address: EngineAddress;
  readonly clock: Clock;
}

/**
 * Makes sure that hosts can run in containers, and removes those that labs that died have left; undefined for a fleet of
 * processes. Throws InfraUnavailable with one sentence that says what is in the way.
 */
export async function prepareFleetContainers(choice: FleetChoice, { environment, clock, signal, stderr }: CommandContext): Promise<FleetContainers | undefined> {
  if (choice === 'processes') return undefined;
  const address = engineAddress(environment);
  if (process.platform !== 'linux' || !address.url.startsWith('unix:')) {
    throw new InfraUnavailable('Hosts in containers (`--fleet containers`) share this machine’s network and get its signals, which needs Linux and an engine on a socket of this machine; leave the flag out to run them as processes.');
  }
  const image = environment[imageVariable]?.trim() || defaultImage;
  const engine = new Engine(address);
  const present = await withTimeLimit(
    clock,
    answerWithinMs,
    signal,
    () => new InfraUnavailable(`The container engine at ${address.url} does not answer within ${answerWithinMs / 1_000} s; restart it, or leave out \`--fleet containers\`.`),
    async (within) => {
      const found = await engine.hasImage(image, within);
      if (found) for (const problem of (await sweep(engine, within)).problems) stderr.write(`${problem}\n`);
      return found;
    },
  ).catch((error: unknown) => {
    signal.throwIfAborted();
    throw engineFailure(error, 'Hosts cannot run in containers', address, 'leave out `--fleet containers`');
  });
  if (!present) throw new InfraUnavailable(`The image ${image}, which hosts run in, is not there; build it with \`docker build -t ${image} .\` in the folder of netra-resilience, or name another one in ${imageVariable}.`);
  await promisify(execFile)('docker', ['--version'], { timeout: answerWithinMs, signal }).catch((error: unknown) => {
    throw new InfraUnavailable(`The command \`docker\`, which hosts in containers are started by, cannot be run: ${asError(error).message}; install it (Debian: \`apt-get install docker-cli\`), or leave out \`--fleet containers\`.`, { cause: error });
  });
  return { image, address, clock };
}

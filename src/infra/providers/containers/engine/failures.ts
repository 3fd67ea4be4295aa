import { isNetraError, asError } from '../../../../core/errors.ts';
import { InfraUnavailable } from '../../../error-codes.ts';
import type { EngineAddress } from './address.ts';

/** What does without an engine, for those who asked for services in containers. */
const embeddedInstead = 'use `--infra embedded`, which needs no engine';

/** Errors of the connection to the engine, by their code. */
const connectionFailures: Readonly<Record<string, (url: string, instead: string) => string>> = {
  ENOENT: (url, instead) => `There is no container engine: ${url} does not exist. Start one (\`sudo systemctl start docker\`, or Docker Desktop), or ${instead}.`,
  ECONNREFUSED: (url, instead) => `The container engine at ${url} is not running. Start it (\`sudo systemctl start docker\`, or Docker Desktop), or ${instead}.`,
  EACCES: (url, instead) => `This user may not use the container engine at ${url}. Add it to the engine's group (\`sudo usermod -aG docker "$USER"\`) and log in again, or ${instead}.`,
  EPERM: (url, instead) => `This user may not use the container engine at ${url}. Add it to the engine's group (\`sudo usermod -aG docker "$USER"\`) and log in again, or ${instead}.`,
};

/** What the engine says, in its own words, and what mends it. */
const engineFailures: readonly { readonly says: RegExp; readonly means: string }[] = [
  { says: /no such image|image .* does not exist locally/i, means: 'an image went away while it was needed; the next start fetches it again' },
  { says: /all ports are allocated|no available port|failed to find free port/i, means: 'the range of free ports is used up: `docker ps` shows what holds them, `docker rm -f <container>` frees them' },
  { says: /port is already allocated|address already in use/i, means: 'a port was taken by another program in the meantime: start again' },
  { says: /address pool|could not find an available.*(?:network|subnet)/i, means: 'there is no address range left for one more network: `docker network prune` removes those that nothing uses' },
  { says: /no space left on device/i, means: 'the disk of the engine is full: `docker system prune` frees what nothing uses' },
  { says: /cannot allocate memory|out of memory/i, means: 'the engine has no memory left: `docker ps` shows what else runs' },
];

/** One sentence that names the cause and what mends it, or what to do `instead`, for whatever an engine's client threw. */
export function engineFailure(thrown: unknown, doing: string, { url }: EngineAddress, instead = embeddedInstead): InfraUnavailable {
  if (isNetraError(thrown) && thrown instanceof InfraUnavailable) return thrown;
  const error = asError(thrown);
  const connection = connectionFailures[(error as NodeJS.ErrnoException).code ?? ''];
  if (connection !== undefined) return new InfraUnavailable(connection(url, instead), { cause: error });
  const message = error.message.trim().replace(/\.$/, '');
  const known = engineFailures.find(({ says }) => says.test(message));
  return new InfraUnavailable(`${doing}: ${known?.means ?? 'the container engine does not do it'} (${message}).`, { cause: error });
}

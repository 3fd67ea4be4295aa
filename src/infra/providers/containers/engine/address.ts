import { existsSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { asError } from '../../../../core/errors.ts';
import { InfraUnavailable } from '../../../error-codes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a container engine listens. */
export interface EngineAddress {
  /** As `DOCKER_HOST` would say it: `unix:///var/run/docker.sock`. */
  readonly url: string;
  readonly secure: boolean;
  readonly connection: RequestOptions & { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
}

const usualSocket = '/var/run/docker.sock';
const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * `DOCKER_HOST` (with `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`), else the first socket that is there: the system's, the user's own
 * (rootless), Docker Desktop's. Throws InfraUnavailable for an address that cannot serve here.
 */
export function engineAddress(environment: Environment): EngineAddress {
  const given = environment.DOCKER_HOST;
  if (given !== undefined && given !== '') return parseAddress(given, environment);
  const own = environment.XDG_RUNTIME_DIR === undefined ? [] : [join(environment.XDG_RUNTIME_DIR, 'docker.sock')];
  const socketPath = [usualSocket, ...own, join(homedir(), '.docker', 'run', 'docker.sock'), join(homedir(), '.docker', 'desktop', 'docker.sock')].find((path) => existsSync(path)) ?? usualSocket;
  return { url: `unix://${socketPath}`, secure: false, connection: { socketPath } };
}

function parseAddress(given: string, environment: Environment): EngineAddress {
  const url = URL.parse(given);
  if (url === null || !['unix:', 'tcp:', 'http:', 'https:'].includes(url.protocol)) {
    throw new InfraUnavailable(`DOCKER_HOST is ${given}, which is no address that can be used here; give \`unix:///path/to/docker.sock\` or \`tcp://127.0.0.1:2375\`.`);
  }
  if (url.protocol === 'unix:') return { url: given, secure: false, connection: { socketPath: decodeURIComponent(url.pathname) } };
  // Ports are published on the loopback address of the engine's machine: from another one they could not be reached.
  if (!loopbackNames.includes(url.hostname)) {
    throw new InfraUnavailable(`The container engine at ${given} is on another machine, whose services could not be reached from here; unset DOCKER_HOST to use this machine's, or name running services with \`--infra external\`.`);
  }
  const secure = url.protocol === 'https:' || (environment.DOCKER_TLS_VERIFY ?? '') !== '';
  const connection = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || (secure ? 2376 : 2375)) };
  return { url: given, secure, connection: secure ? { ...connection, ...certificates(environment) } : connection };
}

function certificates(environment: Environment): { ca: Buffer; cert: Buffer; key: Buffer } {
  const folder = environment.DOCKER_CERT_PATH ?? join(homedir(), '.docker');
  try {
    return { ca: readFileSync(join(folder, 'ca.pem')), cert: readFileSync(join(folder, 'cert.pem')), key: readFileSync(join(folder, 'key.pem')) };
  } catch (error) {
    throw new InfraUnavailable(`DOCKER_TLS_VERIFY asks for certificates, and those in ${folder} cannot be read: ${asError(error).message}. DOCKER_CERT_PATH names their folder.`, { cause: error });
  }
}

import { request } from 'node:http';
import type { CommandContext } from '../context.ts';
import type { Finding } from './finding.ts';

const timeoutMs = 2_000;

/** Whether a container engine answers `/_ping` (Docker Engine API) where `DOCKER_HOST` says, or at the usual socket. */
export async function engineCheck(context: CommandContext): Promise<Finding> {
  const host = context.environment.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
  const check = 'container engine';
  try {
    const status = await ping(host, context);
    return status === 200 ? { check, status: 'ok', detail: `answers at ${host}` } : { check, status: 'note', detail: `${host} answers ${status} to a ping` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT' ? 'there is none' : code === 'EACCES' ? 'this user may not use it (add it to the group docker)' : code === 'ECONNREFUSED' ? 'it is not running' : (error as Error).message;
    return { check, status: 'note', detail: `${host}: ${why}; \`--infra embedded\` needs none` };
  }
}

function ping(host: string, context: CommandContext): Promise<number> {
  const url = new URL(host);
  const where = url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: Number(url.port || 2375) };
  return new Promise((resolve, reject) => {
    const cancel = context.clock.setTimer(timeoutMs, () => call.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)));
    const call = request({ ...where, path: '/_ping', method: 'GET' }, (response) => {
      cancel();
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.once('error', (error) => {
      cancel();
      reject(error);
    });
    call.end();
  });
}

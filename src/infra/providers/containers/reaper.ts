import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { raceAbort } from '../../../core/abort.ts';
import type { Clock } from '../../../core/clock.ts';
import { startLabel } from './labels.ts';
import type { LabResources } from './resources.ts';
import type { EngineSurvey } from './survey.ts';
import { withTimeLimit } from './time-limit.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const ANSWER_WITHIN_MS = 10_000;
const PAUSE_MS = 50;
const PORT = 8080;

/** Ryuk's image: the environment's, or the one that testcontainers 12 means. undefined where it is switched off. */
export function reaperImage(environment: Environment): string | undefined {
  if (environment.TESTCONTAINERS_RYUK_DISABLED === 'true') return undefined;
  const given = environment.RYUK_CONTAINER_IMAGE?.trim();
  return given === undefined || given === '' ? 'testcontainers/ryuk:0.14.0' : given;
}

/** The engine's socket as its own machine names it: Docker Desktop's is in a virtual machine. */
export function engineSocket(environment: Environment, socketPath: string | undefined, operatingSystem: string): string {
  return environment.TESTCONTAINERS_DOCKER_SOCKET_OVERRIDE ?? (operatingSystem === 'Docker Desktop' ? '/var/run/docker.sock' : (socketPath ?? '/var/run/docker.sock'));
}

export interface ReaperOptions {
  readonly survey: EngineSurvey;
  readonly resources: LabResources;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Resolves with the connection that keeps Ryuk from removing the lab; with undefined where it is switched off or its image is not there. */
export async function startReaper({ survey: { engine, operatingSystem }, resources, environment, clock, signal }: ReaperOptions): Promise<Socket | undefined> {
  const image = reaperImage(environment);
  if (image === undefined || !(await engine.hasImage(image, signal))) return undefined;
  const source = engineSocket(environment, engine.address.connection.socketPath ?? undefined, operatingSystem);
  const container = await resources.startReaper({ image, ports: [PORT], mounts: [{ source, target: '/var/run/docker.sock' }] });
  return await container.whileRunning(instructReaper(container.endpoint(PORT).port, resources.startId, clock, signal));
}

/**
 * Tells Ryuk what to remove once this connection ends, however that happens; it answers each line of `label=…` with
 * `ACK`. Resolves with the connection, which is to be kept.
 */
export async function instructReaper(port: number, startId: string, clock: Clock, signal: AbortSignal): Promise<Socket> {
  return withTimeLimit(clock, ANSWER_WITHIN_MS, signal, () => new Error(`it did not answer within ${ANSWER_WITHIN_MS / 1_000} s`), async (within) => {
    // The port is open before Ryuk listens behind it: such connections end without an answer.
    for (;;) {
      const socket = connect({ host: '127.0.0.1', port });
      socket.on('error', () => undefined); // 'close' follows.
      // A connection that is refused or reset is as good as one that ends.
      const closed = once(socket, 'close').then(() => false, () => false);
      const acknowledged = once(socket, 'data').then(([data]) => String(data).includes('ACK'), () => false);
      socket.write(`label=${startLabel}=${startId}\n`);
      try {
        if (await raceAbort(Promise.race([acknowledged, closed]), within)) {
          socket.unref();
          return socket;
        }
      } catch (error) {
        socket.destroy();
        throw error;
      }
      socket.destroy();
      await clock.sleep(PAUSE_MS, within);
    }
  });
}

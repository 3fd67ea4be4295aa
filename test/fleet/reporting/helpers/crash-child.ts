import type { Redis } from 'ioredis';
import { CheckpointFactory } from '../../../../src/fleet/reporting/checkpoints/checkpoint-factory.ts';
import { DirectRedisStore } from './direct-redis-store.ts';
import { checkpointContext, contentOf } from './reports.ts';
import { testServices } from './services.ts';

/*
 * One attempt that kills itself with SIGKILL at its n-th Redis command: `before` it is written, or `after` it has
 * been handed to the socket, with the reply still to come. Says on stdout which sections were acknowledged.
 */
const [port, userId, jobId, killAt, when] = process.argv.slice(2) as [string, string, string, string, 'before' | 'after'];
const store = await DirectRedisStore.connect(Number(port));
let commands = 0;
const send = store.client.sendCommand.bind(store.client) as (...parameters: unknown[]) => unknown;
const die = (): void => void process.kill(process.pid, 'SIGKILL');
(store.client as { sendCommand: unknown }).sendCommand = (...parameters: Parameters<Redis['sendCommand']>): unknown => {
  commands += 1;
  const isLast = commands === Number(killAt);
  if (isLast && when === 'before') die();
  const sent = send(...parameters);
  // The callback comes once everything in front of it is in the kernel's hands.
  if (isLast) process.nextTick(() => store.client.stream.write('', die));
  return sent;
};

const manager = new CheckpointFactory(testServices({ redis: store })).createForContext({
  ...checkpointContext({ userId, jobId }),
  onAcknowledged: (section) => void process.stdout.write(`${section}\n`),
});
await manager.claim(0);
await manager.saveSection('data_analysis', contentOf('small'), 'recommendations');
await manager.saveSection('recommendations', contentOf('large', 60_000));
await manager.saveSection('recommendations', contentOf('large again', 70_000));
await manager.cleanup();
process.stdout.write(`done after ${commands}\n`);
await store.close();

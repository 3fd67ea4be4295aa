import type { Finding } from './source-scan.ts';

/** What the scan finds and what is none the less no second stack. Each entry says why; one that finds nothing any more fails the test. */
export const allowed: readonly { readonly file: string; readonly rule: Finding['rule']; readonly why: string }[] = [
  { file: 'chaos/engine/workload.ts', rule: 'retry loop', why: 'polls a job that was accepted until it is done; no request is repeated because it failed' },
  { file: 'chaos/engine/steady-state.ts', rule: 'retry loop', why: 'asks the fleet under test until it is ready or time is up, which is the measurement; chaos may not import reliability' },
  { file: 'infra/providers/ready.ts', rule: 'retry loop', why: 'waits for a service that has just been started to listen; infra may not import reliability' },
  { file: 'infra/providers/containers/reaper.ts', rule: 'retry loop', why: 'waits for Ryuk, which has just been started, to listen behind its published port; infra may not import reliability' },
  { file: 'fleet/connectors/bus/group-consumer.ts', rule: 'client retries', why: 'kafkajs needs them to join again when a rebalance begins in the middle of a join: part of the group protocol' },
  { file: 'fleet/connectors/bus/kafka-publisher.ts', rule: 'client retries', why: 'the one that kafkajs demands of an idempotent producer: the same batch under the same sequence numbers' },
  { file: 'chaos/faults/data/direct-kafka.ts', rule: 'client retries', why: 'the lab reads a topic by a group of its own, and joining one needs them; chaos may not import reliability' },
  { file: 'fleet/host/samples/breaker-samples.ts', rule: 'retry or breaker type', why: 'tells the figures of the stack’s own breakers, and breaks nothing' },
  { file: 'fleet/connectors/redis/ioredis-store.ts', rule: 'client retries', why: 'when to connect again, with the stack’s own backoff; commands are never sent again by the client' },
];

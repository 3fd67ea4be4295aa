export interface ConsumerTuning {
  /** A member that is silent for so long has its partitions taken away by the broker. @default 6000 */
  readonly sessionTimeoutMs: number;
  /** @default 300: a rebalance waits for the next heartbeat of every member, and a fleet that starts has one */
  readonly heartbeatIntervalMs: number;
  /** Time the members get to join again in a rebalance; ours do within a fetch, whatever their handlers do. @default 10000 */
  readonly rebalanceTimeoutMs: number;
  /** How long the broker may hold back an answer without messages; also the longest wait of a partition that was paused. @default 500 */
  readonly maxWaitMs: number;
  /** Neither heartbeat nor fetch for so long: the consumer hangs and is replaced. @default 12000 */
  readonly stallMs: number;
  /** For the first join, coordinator included. @default 29000 */
  readonly joinTimeoutMs: number;
}

export const defaultConsumerTuning: ConsumerTuning = Object.freeze({
  sessionTimeoutMs: 6_000,
  heartbeatIntervalMs: 300,
  rebalanceTimeoutMs: 10_000,
  maxWaitMs: 500,
  stallMs: 12_000,
  joinTimeoutMs: 29_000,
});

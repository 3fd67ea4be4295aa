import type { Clock } from '../../../core/clock.ts';
import type { GroupCoordinator } from './groups/group-coordinator.ts';
import type { TopicStore } from './log/topic-store.ts';
import type { ApiRange } from './protocol/message.ts';

/** The only node: leader of every partition, controller, and coordinator of every group. */
export const NODE_ID = 1;

/** What all connections of one broker share. */
export interface BrokerState {
  readonly clusterId: string;
  readonly clock: Clock;
  readonly topics: TopicStore;
  readonly groups: GroupCoordinator;
  readonly apis: readonly ApiRange[];
  nextProducerId(): number;
}

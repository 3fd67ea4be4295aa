import type { FaultDefinition } from '../fault.ts';
import { checkpointCorrupted } from './checkpoint-corrupted.ts';
import { checkpointExpired } from './checkpoint-expired.ts';
import { checkpointLost } from './checkpoint-lost.ts';
import { duplicateDelivery } from './duplicate-delivery.ts';
import { poisonMessage } from './poison-message.ts';
import { redisFlushed } from './redis-flushed.ts';

export const dataFaults: readonly FaultDefinition[] = [checkpointLost, checkpointExpired, checkpointCorrupted, redisFlushed, duplicateDelivery, poisonMessage];

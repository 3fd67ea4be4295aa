import type { FaultDefinition } from '../fault.ts';
import { bandwidth } from './bandwidth.ts';
import { down } from './down.ts';
import { flapping } from './flapping.ts';
import { latency } from './latency.ts';
import { limitData } from './limit-data.ts';
import { resetPeer } from './reset-peer.ts';
import { slicer } from './slicer.ts';
import { slowClose } from './slow-close.ts';
import { timeout } from './timeout.ts';

export const networkFaults: readonly FaultDefinition[] = [down, latency, bandwidth, slowClose, timeout, resetPeer, slicer, limitData, flapping];

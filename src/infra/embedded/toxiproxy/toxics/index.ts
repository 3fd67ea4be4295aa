import { bandwidth } from './bandwidth.ts';
import type { Toxic } from './define-toxic.ts';
import { latency } from './latency.ts';
import { limitData } from './limit-data.ts';
import { noop } from './noop.ts';
import { resetPeer } from './reset-peer.ts';
import { slicer } from './slicer.ts';
import { slowClose } from './slow-close.ts';
import { timeout } from './timeout.ts';

export const toxics = [bandwidth, latency, limitData, noop, resetPeer, slicer, slowClose, timeout] as const;

/** Any toxic, with attributes and state no longer known by type: what the stages run. */
// oxlint-disable-next-line typescript/no-explicit-any -- a pipe takes its own attributes and state; the stage only hands back what the same toxic made
export type AnyToxic = Toxic<any, any>;

export function findToxic(type: string): AnyToxic | undefined {
  return toxics.find((toxic) => toxic.type === type);
}

import { raceAbort } from '../../../../core/abort.ts';
import type { FaultCall } from '../faults/define-fault.ts';

/** Waits, but no longer than the fault is in force; without a length, as long as that. Rejects when the client is gone. */
export async function pause(call: FaultCall, delayMs: number | undefined): Promise<void> {
  const over = AbortSignal.any([call.signal, call.healed]);
  try {
    await (delayMs === undefined ? raceAbort(new Promise<never>(() => undefined), over) : call.clock.sleep(delayMs, over));
  } catch (error) {
    if (call.signal.aborted) throw error;
  }
}

/** Waits whatever becomes of the fault, as a connection does that has once got stuck; without a length, until the client leaves. */
export async function standStill(call: FaultCall, lengthMs: number | undefined): Promise<void> {
  await (lengthMs === undefined ? raceAbort(new Promise<never>(() => undefined), call.signal) : call.clock.sleep(lengthMs, call.signal));
}

/** Lets the socket send what it was given, so that a break does not overtake it. */
export async function sent(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

import { raceAbort } from '../../core/abort.ts';
import { asError } from '../../core/errors.ts';
import type { EvidenceContext } from '../engine/run-engine.ts';

/**
 * Runs `work` for at most `timeoutMs`; a signal that it does not heed is not waited for. What is not to be had is
 * told in the journal, and the answer is undefined: a check then cannot judge. Throws only when the run is interrupted.
 */
export async function evidenceWithin<T>({ journal, clock, signal }: EvidenceContext, service: string, what: string, timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const late = new AbortController();
  const cancel = clock.setTimer(timeoutMs, () => late.abort(new Error(`no answer within ${timeoutMs} ms`)));
  const either = AbortSignal.any([signal, late.signal]);
  try {
    either.throwIfAborted();
    return await raceAbort((async () => work(either))(), either);
  } catch (error) {
    signal.throwIfAborted();
    journal.append({ type: 'infra.warning', service, message: `${what} could not be had: ${asError(error).message}` });
    return undefined;
  } finally {
    cancel();
  }
}

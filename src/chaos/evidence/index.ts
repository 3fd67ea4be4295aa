import type { EvidenceContext } from '../engine/run-engine.ts';
import { collectLeftovers } from './leftovers.ts';
import { collectLlmCalls } from './llm-calls.ts';
import { collectStoredReports } from './stored-reports.ts';

/**
 * Appends to the journal what only services know. With the fleet running: the model's calls and the stored reports
 * of the run. Once it has stopped: what it left behind.
 */
export async function collectEvidence(context: EvidenceContext): Promise<void> {
  if (context.fleet === 'running') {
    await collectLlmCalls(context);
    await collectStoredReports(context);
  } else await collectLeftovers(context);
}

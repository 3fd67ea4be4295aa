import { asError } from '../../core/errors.ts';
import { removeCommand } from '../../infra/providers/containers/labels.ts';
import { findLeftovers, type Leftover } from '../../infra/providers/containers/leftovers.ts';
import { surveyEngine, type EngineSurvey } from '../../infra/providers/containers/survey.ts';
import type { CommandContext } from '../context.ts';
import type { Finding } from './finding.ts';

/** Containers and networks that are there without a run: kept on purpose, or left by one that died. */
export async function leftoversCheck(context: CommandContext): Promise<Finding> {
  const check = 'left containers';
  const survey = await surveyEngine(context).catch((): EngineSurvey | undefined => undefined); // The engine's own line says why.
  context.signal.throwIfAborted();
  if (survey === undefined) return { check, status: 'note', detail: 'not looked for: no container engine can be used' };
  try {
    const leftovers = await findLeftovers(survey.engine, context.signal);
    if (leftovers.length === 0) return { check, status: 'ok', detail: 'none' };
    const runs = [...Map.groupBy(leftovers, ({ runId }) => runId)].map(([runId, ofRun]) => describe(runId, ofRun));
    return { check, status: 'note', detail: runs.join('; ') };
  } catch (error) {
    context.signal.throwIfAborted();
    return { check, status: 'note', detail: `cannot be looked for: ${asError(error).message}` };
  }
}

function describe(runId: string, leftovers: readonly Leftover[]): string {
  const kept = leftovers.some(({ state }) => state === 'kept');
  const containers = leftovers.filter(({ kind }) => kind === 'container').length;
  return `${containers} of run ${runId}, ${kept ? 'kept on purpose' : 'whose lab died: the next run with containers removes them'}. By hand: ${removeCommand(runId)}`;
}

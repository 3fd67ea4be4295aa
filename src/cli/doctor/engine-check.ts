import { asError } from '../../core/errors.ts';
import { surveyEngine } from '../../infra/providers/containers/survey.ts';
import type { CommandContext } from '../context.ts';
import type { Finding } from './finding.ts';

/** Whether there is a container engine that `--infra containers` could use. */
export async function engineCheck(context: CommandContext): Promise<Finding> {
  const check = 'container engine';
  try {
    const { engine, version, operatingSystem } = await surveyEngine(context);
    return { check, status: 'ok', detail: `${version} (${operatingSystem}) answers at ${engine.address.url}` };
  } catch (error) {
    context.signal.throwIfAborted();
    return { check, status: 'note', detail: asError(error).message };
  }
}

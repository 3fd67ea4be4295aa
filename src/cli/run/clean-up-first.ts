import { join } from 'node:path';
import { cleanUpAfterDeadLabs, type CleanedUp } from '../../chaos/engine/clean-up.ts';
import type { CommandContext } from '../context.ts';
import { runsFolder } from './run-folder.ts';

/** Takes back what labs left broken that were killed in the middle of a fault; says on stderr what it did, and always what it could not do. */
export async function cleanUpFirst(context: CommandContext, quiet: boolean): Promise<void> {
  for (const cleaned of await cleanUpAfterDeadLabs(join(context.cwd, runsFolder), context.clock, context.signal)) {
    if (!quiet || cleaned.problem !== undefined) context.stderr.write(`${cleanedLine(cleaned)}\n`);
  }
}

function cleanedLine({ folder, entry, problem }: CleanedUp): string {
  const what = `after a lab that died (${folder}): ${entry.kind.replaceAll('-', ' ')}`;
  return problem === undefined ? `cleaned up ${what}` : `could not clean up ${what}: ${problem}; the next start tries again`;
}

import { arch, cpus, platform, release, totalmem } from 'node:os';
import { asError } from '../../core/errors.ts';
import type { RunStarted } from '../../journal/events.ts';
import { JournalWriter } from '../../journal/writer.ts';
import type { CommandContext } from '../context.ts';
import { CliError } from '../error-codes.ts';
import { isAboutFolder, unwritable, type RunFolder } from './run-folder.ts';

/** Throws WORKSPACE_UNWRITABLE. */
export function openJournal(folder: RunFolder, runId: string, context: Pick<CommandContext, 'clock'>): JournalWriter {
  try {
    return new JournalWriter(folder.journal, runId, context.clock);
  } catch (error) {
    throw unwritable(folder.shown, error);
  }
}

/** What a run was made with and on. */
export function provenance({ version }: Pick<CommandContext, 'version'>, dataVersion: string): Pick<RunStarted, 'versions' | 'machine'> {
  return {
    versions: { 'netra-resilience': version, node: process.versions.node, data: dataVersion },
    machine: { platform: `${platform()} ${release()} ${arch()}`, cpus: cpus().length, memory_mb: Math.round(totalmem() / 2 ** 20) },
  };
}

/** What kept the run from its end, as a sentence for whoever typed the command. */
export function explainFailure(error: unknown, folder: RunFolder): Error {
  if (isAboutFolder(error, folder)) return unwritable(folder.shown, error);
  if (error instanceof Error && /^(host|the fleet) /.test(error.message)) return new CliError('FLEET_NOT_READY', error.message, { cause: error });
  return asError(error);
}

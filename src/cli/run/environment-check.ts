import { nearest, type Problems } from '../../core/problems.ts';
import { logLevels } from '../../fleet/host/logger.ts';
import type { CommandContext } from '../context.ts';

/** Variables that hosts inherit and would refuse; told here, where the user sees it. */
export function checkEnvironment({ NETRA_LOG_LEVEL: level }: CommandContext['environment'], problems: Problems): void {
  if (level === undefined || (logLevels as readonly string[]).includes(level)) return;
  const near = nearest(level, logLevels);
  problems.add('NETRA_LOG_LEVEL', `'${level}' is no level of logs`, near === undefined ? `use ${logLevels.join(', ')}` : `did you mean ${near}?`);
}

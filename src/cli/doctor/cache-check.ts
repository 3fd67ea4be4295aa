import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { makeFolder } from '../../core/make-folder.ts';
import { cacheFolder } from '../../infra/cache-folder.ts';
import type { CommandContext } from '../context.ts';
import type { Finding } from './finding.ts';

/** The cache makes starts quicker; without it everything works, more slowly. */
export async function cacheCheck(context: CommandContext): Promise<Finding> {
  const folder = cacheFolder(context.environment);
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
    const entries = (await readdir(folder)).filter((name) => name.endsWith('.snapshot'));
    return { check: 'cache', status: 'ok', detail: entries.length === 0 ? `${folder} holds no prepared database: the first run takes some seconds longer and makes one` : `${folder} holds ${entries.length} prepared database${entries.length === 1 ? '' : 's'}` };
  } catch (error) {
    return { check: 'cache', status: 'note', detail: `${folder} cannot be written (${(error as NodeJS.ErrnoException).code}); every run starts some seconds later. NETRA_CACHE_DIR names another` };
  }
}

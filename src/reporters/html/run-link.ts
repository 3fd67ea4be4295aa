import { posix } from 'node:path';

export const reportPageName = 'report.html';

/** A path as a link: nothing in it is a scheme, a query or a fragment. */
export function pathLink(path: string): string {
  const parts = path.toWellFormed().replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
  return parts.startsWith('/') || parts.startsWith('.') ? parts : `./${parts}`;
}

/** From the page of one run to that of another; both folders as reports name them. */
export function siblingPage(runDir: string, otherRunDir: string): string {
  return pathLink(posix.join(posix.relative(runDir, otherRunDir), reportPageName));
}

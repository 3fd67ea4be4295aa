import type { Finding } from './finding.ts';

/** The launcher has already refused or replaced a Node that is too old; this says which one is at work. */
export async function nodeCheck(): Promise<Finding> {
  return { check: 'Node', status: 'ok', detail: `${process.versions.node} at ${process.execPath}` };
}

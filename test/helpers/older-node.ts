import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** A Node of this machine that is too old for the program, so that its launcher has work to do; undefined where there is none. */
export function olderNode(): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((node) => {
      try {
        return Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' })) < 22;
      } catch {
        return false; // No node in that folder.
      }
    });
}

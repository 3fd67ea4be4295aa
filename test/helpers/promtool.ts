import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { buffer } from 'node:stream/consumers';

/** Why rules and metrics cannot be checked here; with CI=true they are checked whatever comes of it. */
export const noPromtool: string | undefined = isOnPath('promtool') || process.env['CI'] === 'true' ? undefined : 'promtool is not on the path: install the package prometheus';
/** As above, for tests that need the server itself. */
export const noPrometheus: string | undefined = isOnPath('prometheus') || process.env['CI'] === 'true' ? undefined : 'prometheus is not on the path: install the package prometheus';

/** Runs promtool to its end; never rejects for what it finds. */
export async function promtool(args: readonly string[], input = ''): Promise<{ code: number | null; output: string }> {
  const child = spawn('promtool', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  child.stdin.end(input);
  const [code, out, errors] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)]);
  return { code, output: `${out.toString()}${errors.toString()}` };
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // Not in this folder.
    }
  });
}

import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../helpers/cli.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: unknown;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));

/**
 * What the compiler has to say of each manifest as an object literal of its Kubernetes type: fields that there are
 * none of, values of another type, fields that are lacking. Empty lists for those that nothing is wrong with.
 */
export async function typeErrors(manifests: readonly Manifest[]): Promise<string[][]> {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'manifests'));
  for (const [index, manifest] of manifests.entries()) {
    const text = `import type { I${manifest.kind} } from 'kubernetes-models/${manifest.apiVersion}';\nexport const manifest: I${manifest.kind} = ${JSON.stringify(manifest, null, 2)};\n`;
    await writeFile(join(folder.path, 'manifests', `${index}.ts`), text);
  }
  const compilerOptions = {
    noEmit: true,
    strict: true,
    module: 'nodenext',
    target: 'es2024',
    types: [],
    skipLibCheck: true,
    paths: { 'kubernetes-models/*': [join(repository, 'node_modules/kubernetes-models/*/index.d.ts')] },
  };
  await writeFile(join(folder.path, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder.path, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['manifests'] }));
  const { stdout, status, error } = spawnSync(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), '-p', folder.path, '--pretty', 'false'], { encoding: 'utf8', cwd: folder.path });
  if (error !== undefined) throw error;
  const lines = stdout.split('\n');
  const found = manifests.map((_, index) => lines.filter((line) => line.startsWith(`manifests/${index}.ts(`)).map((line) => line.replace(/^.*?error TS\d+: /, '')));
  if ((status === 0) !== (found.flat().length === 0)) throw new Error(`the compiler was in no state to judge manifests: ${stdout}`);
  return found;
}

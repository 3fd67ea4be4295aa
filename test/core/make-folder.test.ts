import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/core/make-folder.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

describe('makeFolder', () => {
  it('N07 makes what is missing on the way, and is content with what is there', async () => {
    await using folder = await tempFolder();
    await mkdir(join(folder.path, 'a'));
    await makeFolder(join(folder.path, 'a', 'b', 'c'));
    await makeFolder(join(folder.path, 'a', 'b', 'c'));
    expect(await readdir(join(folder.path, 'a', 'b'))).toEqual(['c']);
  });

  it('N07 several at once make the same folder', async () => {
    await using folder = await tempFolder();
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(join(folder.path, 'x', 'y', 'z'))));
    expect(await readdir(join(folder.path, 'x', 'y'))).toEqual(['z']);
  });

  it('N07 a file in the way is told', async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, 'file'), '');
    await expect(makeFolder(join(folder.path, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(folder.path, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(process.platform === 'linux')('N07 a place where nothing can be made is not tried for ever', async () => {
    await expect(makeFolder('/proc/nothing/below')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

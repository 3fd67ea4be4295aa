import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderMessageSchemas, schemaFolder } from '../../scripts/message-schemas.ts';
import { Ajv2020 } from 'ajv/dist/2020.js';

describe('docs/schemas', () => {
  it('F07 D13 the files are what the program validates by: run `node scripts/message-schemas.ts` where this fails', async () => {
    const files = await readdir(schemaFolder);
    const texts = await Promise.all(files.map(async (file) => [file, await readFile(join(schemaFolder, file), 'utf8')] as const));
    expect(Object.fromEntries(texts)).toEqual(renderMessageSchemas());
    expect(files.toSorted((left, right) => (left < right ? -1 : 1))).toEqual(['agent.replies.schema.json', 'agent.requests.schema.json', 'dead-letter.schema.json', 'report.requests.schema.json', 'report.results.schema.json', 'report.work.schema.json']);
  });

  it('F07 D13 every file is a JSON Schema of draft 2020-12 without keywords that mean nothing', () => {
    for (const text of Object.values(renderMessageSchemas())) {
      const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
      const schema = JSON.parse(text) as object;
      expect(ajv.validateSchema(schema)).toBe(true);
      expect(() => ajv.compile(schema)).not.toThrow();
    }
  });
});

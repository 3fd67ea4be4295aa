import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from '../helpers/cli.ts';

type Row = Record<string, string>;
const fixtures = fileURLToPath(new URL('../../fixtures/business', import.meta.url));
const from = '2025-07-01';
const to = '2025-09-30';

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { DEADLINE_HEADER } from '../src/core/deadline.ts';
import { userHeader } from '../src/fleet/host/user-header.ts';
import { paths, tags } from './api-contracts/paths.ts';
import { errorResponses } from './api-contracts/responses.ts';
import { componentSchemas } from './api-contracts/schemas.ts';

/**
 * Writes `docs/api_contracts.yaml` from the agents' actions, the schemas and the error codes of the program:
 * `node scripts/api-contracts.ts`. With `--check` it writes nothing and exits with 1 where the document is out of date.
 */
const root = join(import.meta.dirname, '..');
export const documentPath = join(root, 'docs', 'api_contracts.yaml');

export function renderApiContracts(): string {
  const document = {
    openapi: '3.1.1',
    info: {
      title: 'Hosts of netra-resilience',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: 'What a host of the fleet serves over HTTP. Which agents a host runs depends on its role. What travels over Kafka: docs/schemas.',
    },
    servers: [{ url: 'http://{host}:{port}', variables: { host: { default: '127.0.0.1' }, port: { default: '8080' } } }],
    security: [{ bearerToken: [] }, { queryToken: [] }],
    tags,
    paths,
    components: {
      securitySchemes: {
        bearerToken: { type: 'http', scheme: 'bearer', description: 'NETRA_TOKEN. A host that listens beyond loopback does not start without one; on loopback it may have none, and asks for none then.' },
        queryToken: { type: 'apiKey', in: 'query', name: 'token', description: 'The same, for clients that can set no header on a WebSocket.' },
      },
      parameters: {
        CorrelationId: { name: 'x-correlation-id', in: 'header', required: false, schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' }, description: 'Travels on into events, log lines, messages and errors. One that does not fit is replaced.' },
        UserId: { name: userHeader, in: 'header', required: false, schema: { type: 'string' }, description: 'Percent-encoded. The request sees and submits this user’s jobs only.' },
        Deadline: { name: DEADLINE_HEADER, in: 'header', required: false, schema: { type: 'string', pattern: '^[0-9]+$' }, description: 'Milliseconds since the Unix epoch by which the answer is of use.' },
        Agent: { name: 'agent', in: 'path', required: true, schema: { type: 'string' }, description: 'One that this host runs.' },
      },
      headers: { CorrelationId: { required: true, schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' }, description: 'As it was sent, or a new one.' } },
      responses: errorResponses,
      schemas: componentSchemas,
    },
  };
  const head = '# Written by `node scripts/api-contracts.ts` from the program; change that.\n';
  return head + stringify(document, { aliasDuplicateObjects: false, lineWidth: 160 });
}

if (import.meta.main) {
  const text = renderApiContracts();
  if (!process.argv.includes('--check')) await writeFile(documentPath, text);
  else if ((await readFile(documentPath, 'utf8')) !== text) {
    console.error('docs/api_contracts.yaml is out of date: run `node scripts/api-contracts.ts`');
    process.exitCode = 1;
  }
}

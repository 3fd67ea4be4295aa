/*
 * PostgreSQL 17 answers the project's statements as the embedded server does: no difference is known. What goes otherwise there, and
 * is used by none of them, is shown for both servers by test/contract/postgres-limits.ts, and listed in docs/embedded-servers.md.
 */
import { afterAll } from 'vitest';
import { postgresLimits } from '../contract/postgres-limits.ts';
import { postgresStatementsContract, type ContractServer } from '../contract/postgres-statements.ts';
import { startLoneService, type LoneService } from './lone-service.ts';

let postgres: Promise<LoneService> | undefined;

afterAll(async () => (await postgres)?.[Symbol.asyncDispose]());

async function start(): Promise<ContractServer> {
  const { hostEnvironment } = await (postgres ??= startLoneService('postgres'));
  return { url: hostEnvironment['NETRA_DATABASE_URL'] ?? '', [Symbol.asyncDispose]: () => Promise.resolve() };
}

postgresStatementsContract('PostgreSQL 17 in a container', start);
postgresLimits(
  'PostgreSQL 17 in a container',
  { settings: 'own', temporaryTables: 'own', advisoryLocks: 'own', readers: 'see-before', statementsAtWork: 'ended', copyFromStdin: 'taken', wrongPassword: 'refused', otherDatabases: 'made', notifications: 'delivered' },
  start,
);

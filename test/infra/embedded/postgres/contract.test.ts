import { postgresStatementsContract } from '../../../contract/postgres-statements.ts';
import { startTestPostgres, urlOf } from '../../../fleet/connectors/database/database-servers.ts';

/* What the embedded server does otherwise than a real one is in limits.test.ts beside this file. */
postgresStatementsContract('embedded', async () => {
  const server = await startTestPostgres();
  return { url: urlOf(server.port), [Symbol.asyncDispose]: () => server.close() };
});

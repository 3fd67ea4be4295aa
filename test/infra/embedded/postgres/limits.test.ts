import { postgresLimits } from '../../../contract/postgres-limits.ts';
import { startTestPostgres, urlOf } from '../../../fleet/connectors/database/database-servers.ts';

postgresLimits(
  'embedded',
  { settings: 'shared', temporaryTables: 'shared', advisoryLocks: 'shared', readers: 'wait', statementsAtWork: 'run-on', copyFromStdin: 'refused', wrongPassword: 'let-in', otherDatabases: 'refused', notifications: 'lost' },
  async () => {
    const server = await startTestPostgres();
    return { url: urlOf(server.port), [Symbol.asyncDispose]: () => server.close() };
  },
);

import { expect, test } from 'vitest';
import { startedServer } from './clients.ts';
import { RawClient } from './raw-client.ts';

test.each([['XADD', 's', '*', 'f', 'v'], ['GEOADD', 'g', '1', '1', 'm'], ['PFADD', 'h', 'e'], ['CLUSTER', 'INFO'], ['MODULE', 'LIST'], ['BGSAVE'], ['SETBIT', 'b', '1', '1'], ['REPLICAOF', 'no', 'one'], ['ACL', 'WHOAMI']])(
  'P01 %s is a command that the embedded server does not know',
  async (...request) => {
    const server = await startedServer();
    await using client = await RawClient.connect(server.port);
    expect(await client.ask([request])).toEqual([{ kind: '-', text: expect.stringMatching(/^ERR unknown command/) as string }]);
  },
);

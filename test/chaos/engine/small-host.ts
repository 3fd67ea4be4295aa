import { createServer } from 'node:http';

/**
 * A host of the fleet protocol without a fleet behind it: `node small-host.ts <name> [stubborn]`. It writes a line
 * every 20 ms, so that a test sees whether it stands still; a stubborn one heeds no SIGTERM.
 */
const [name = 'host', kind] = process.argv.slice(2);
const server = createServer((request, response) => {
  const detailed = request.url === '/health/detailed';
  response.end(detailed ? '{"level":0,"dependencies":{}}' : '{}');
}).listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`${JSON.stringify({ type: 'host.listening', host: name, port: address.port })}\n`);
  setInterval(() => process.stdout.write('tick\n'), 20);
});
process.stdin.on('end', () => process.exit(0)).resume();
process.on('SIGTERM', () => {
  if (kind !== 'stubborn') process.exit(0);
});

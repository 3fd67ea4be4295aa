import { defineCommand } from '../command.ts';

export const host = defineCommand({
  name: 'host',
  summary: 'Runs one host of a fleet, which joins by the services that the environment names (docs/scale-out.md)',
  options: [
    { flags: '--role <role>', description: 'business, control or reporting' },
    { flags: '--name <name>', description: 'its name, unlike every other host’s', defaultText: 'the role and the machine’s name' },
    { flags: '--port <number>', description: 'of its HTTP side, 0 = pick one (NETRA_HTTP_PORT)', defaultText: '0' },
    { flags: '--bind <address>', description: 'what it listens on; beyond loopback it needs NETRA_TOKEN (NETRA_HTTP_HOST)', defaultText: '127.0.0.1' },
    { flags: '--advertise <address>', description: 'where other hosts reach it (NETRA_ADVERTISED_HOST)', defaultText: '--bind, or the machine’s first address where that is every address' },
  ],
  examples: ['netra-resilience host --role reporting', 'netra-resilience host --role reporting --name reporting-7 --bind 0.0.0.0 --port 8080'],
  load: () => import('../host/host-command.ts'),
});

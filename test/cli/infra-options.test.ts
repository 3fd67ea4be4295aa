import { describe, expect, it } from 'vitest';
import { chaos } from '../../src/cli/commands/chaos.ts';
import { run } from '../../src/cli/commands/run.ts';
import { chooseInfra, readAllowedHosts, readInfraFlags } from '../../src/cli/infra-options.ts';
import { wrongWords } from '../../src/cli/wrong-words.ts';
import { formatProblem, Problems } from '../../src/core/problems.ts';
import { commandInput, testContext } from './helpers.ts';

function problemsWith(options: Record<string, string | true>): string[] {
  const problems = new Problems();
  readInfraFlags(commandInput(options), problems);
  return problems.list.map(formatProblem);
}

describe('flags of infrastructure', () => {
  it('N08 are the same for run and chaos, the hosts that may be broken included', () => {
    const flags = (command: typeof run): string[] => command.options.map(({ flags: text }) => text.split(' ')[0] as string);
    const shared = ['--infra', '--keep', '--redis', '--kafka', '--postgres', '--toxiproxy', '--llm-url', '--llm-model', '--allow-hosts'];
    expect(flags(run)).toEqual(expect.arrayContaining(shared));
    expect(flags(chaos)).toEqual(expect.arrayContaining(shared));
  });

  it('N08 those that do not fit the provider are told at once', () => {
    expect(problemsWith({ infra: 'embedded', redis: 'redis://h', kafka: 'h:1', postgres: 'x', toxiproxy: 'y', allowHosts: 'h', keep: true })).toEqual([
      '--redis: does not go with --infra embedded; add --infra external, or leave it out',
      '--kafka: does not go with --infra embedded; add --infra external, or leave it out',
      '--postgres: does not go with --infra embedded; add --infra external, or leave it out',
      '--toxiproxy: does not go with --infra embedded; add --infra external, or leave it out',
      '--allow-hosts: does not go with --infra embedded; add --infra external, or leave it out',
      '--keep: does not go with --infra embedded; add --infra containers, or leave it out',
    ]);
    expect(problemsWith({ infra: 'external', keep: true })).toEqual(['--keep: does not go with --infra external; leave it out: services that are there already stay up']);
    expect(problemsWith({ infra: 'containers', keep: true })).toEqual([]);
    expect(problemsWith({ llmModel: 'm' })).toEqual(['--llm-model: names a model of --llm-url, which is not given; add --llm-url or leave it out']);
  });

  it('N08 misspelt ones are suggested', () => {
    expect(wrongWords(chaos, ['x', '--allow-host=h'], {}).map(formatProblem)).toEqual(['--allow-host=h: chaos has no such flag; did you mean --allow-hosts?']);
    expect(wrongWords(run, ['--postgress=x'], {}).map(formatProblem)).toEqual(['--postgress=x: run has no such flag; did you mean --postgres?']);
  });

  it('N08 hosts that may be broken come from the flag and the environment', () => {
    const problems = new Problems();
    expect(readAllowedHosts(commandInput({ allowHosts: 'a.example, 192.0.2.1' }), { NETRA_ALLOW_HOSTS: '::1' }, problems)).toEqual(['a.example', '192.0.2.1', '::1']);
    expect(problems.list).toEqual([]);
    readAllowedHosts(commandInput({ allowHosts: 'http://a.example' }), {}, problems);
    expect(problems.list.map(formatProblem)).toEqual(["--allow-hosts: 'http://a.example' is no host; write names or addresses without scheme and port"]);
  });

  it('P01 what auto comes to is told in one line, and not where quiet was asked for', async () => {
    const flags = { infra: 'auto', keep: false, llmUrl: undefined, llmModel: undefined, json: false } as const;
    const noEngine = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    const [loud, quiet] = [testContext({ environment: noEngine }), testContext({ environment: noEngine })];
    const provider = await chooseInfra({ ...flags, quiet: false }, undefined, loud);
    await chooseInfra({ ...flags, quiet: true }, undefined, quiet);
    expect([provider.name, quiet.out()]).toEqual(['embedded', '']);
    expect(loud.out()).toMatch(/^auto chooses embedded: .+\n$/);
  });
});

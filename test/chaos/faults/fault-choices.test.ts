import { describe, expect, it } from 'vitest';
import { faultChoices, parseFaultParameters, type FaultChoice } from '../../../src/chaos/faults/fault-choices.ts';
import { faults, findFault } from '../../../src/chaos/faults/index.ts';

const hosts = ['business-1', 'control-1', 'reporting-1', 'reporting-2'];
const choices = faultChoices(hosts);

function choiceOf(type: string): FaultChoice {
  const choice = choices.find((each) => each.type === type);
  if (choice === undefined) throw new Error(`the menu has no ${type}`);
  return choice;
}

/** The form as it opens. */
function asOpened({ parameters }: FaultChoice): Record<string, string> {
  return Object.fromEntries(parameters.map(({ name, default: start = '' }) => [name, start]));
}

describe('the fault menu', () => {
  it('P03 holds every fault of the registry but those that precede the hosts, in its order, as plain data', () => {
    expect(choices.map(({ type }) => type)).toEqual(faults.filter(({ precedesFleet }) => precedesFleet !== true).map(({ type }) => type));
    expect(choices.length).toBeGreaterThan(60);
    expect(structuredClone(choices)).toEqual(choices);
    for (const { summary, family } of choices) expect([summary.length > 0, family]).toEqual([true, expect.stringMatching(/^(?:network|llm|process|data)$/)]);
  });

  it('P03 names what each can break: services, or the hosts that there are and their roles', () => {
    expect(choiceOf('down').targets).toEqual(['postgres', 'redis', 'kafka', 'llm']);
    expect(choiceOf('redis-flushed').targets).toEqual(['redis']);
    expect(choiceOf('kill').targets).toEqual([...hosts, 'business', 'control', 'reporting']);
    expect(faultChoices(['reporting-1']).find(({ type }) => type === 'pause')?.targets).toEqual(['reporting-1', 'reporting']);
    expect(choices.filter(({ targets }) => targets.length === 0)).toEqual([]);
    expect([choiceOf('kill').momentary, choiceOf('pause').momentary]).toEqual([true, false]);
  });

  it.each(choices.map((choice) => [choice.type, choice] as const))('P03 %s: its form can be sent off as it opens, and every parameter of the fault is in it', (type, choice) => {
    const parsed = parseFaultParameters(type, asOpened(choice));
    expect(parsed).toMatchObject({ ok: true });
    const definition = findFault(type);
    if (definition === undefined || !parsed.ok) throw new Error(type);
    // The defaults of the form are those of the fault.
    const required = choice.parameters.filter(({ optional }) => !optional).map(({ name }) => name);
    const bare = parseFaultParameters(type, Object.fromEntries(Object.entries(asOpened(choice)).filter(([name]) => required.includes(name))));
    if (!bare.ok) throw new Error(JSON.stringify(bare.problems));
    const withoutMetadata = Object.fromEntries(Object.entries(definition.parameters.parse(parsed.parameters)).filter(([name]) => name in definition.parameters.parse(bare.parameters)));
    expect(withoutMetadata).toEqual(definition.parameters.parse(bare.parameters));
    expect(new Set(choice.parameters.map(({ name }) => name.split('.')[0]))).toEqual(new Set(Object.keys(definition.parameters.shape)));
    for (const { kind, choices: values, default: start } of choice.parameters) {
      expect(values !== undefined).toBe(kind === 'choice');
      if (values !== undefined && start !== undefined) expect(values).toContain(start);
    }
  });

  it('P03 tells kind, default, choices and what may be left empty', () => {
    expect(choiceOf('latency').parameters).toEqual([
      { name: 'latency', kind: 'duration', default: '250ms', description: 'Added to every byte', optional: false },
      { name: 'jitter', kind: 'duration', default: '0ms', description: 'Varies the latency by up to so much, both ways', optional: true },
      { name: 'stream', kind: 'choice', default: 'downstream', choices: ['downstream', 'upstream'], description: expect.stringContaining('upstream: from the hosts') as string, optional: true },
      { name: 'toxicity', kind: 'number', default: '1', description: 'Share of the connections that it acts on', optional: true },
    ]);
    expect(choiceOf('checkpoint-lost').parameters.map(({ name, kind, default: start }) => [name, kind, start])).toEqual([
      ['job', 'number', undefined],
      ['section', 'text', undefined],
      ['all', 'boolean', 'false'],
    ]);
    const slow = choiceOf('llm-slow-tokens').parameters;
    expect(slow.slice(0, 2).map(({ name, kind, default: start, optional }) => [name, kind, start, optional])).toEqual([
      ['chunk_delay', 'duration', '250ms', true],
      ['jitter', 'duration', '0ms', true],
    ]);
    expect(slow.slice(2).map(({ name }) => name)).toEqual(expect.arrayContaining(['trigger.first', 'trigger.flapping.fail', 'trigger.window.from', 'match.section', 'match.job']));
    expect(slow.slice(2).every(({ optional, default: start }) => optional && start === undefined)).toBe(true);
    expect(choiceOf('llm-server-error').parameters[0]).toMatchObject({ name: 'status', kind: 'choice', default: '500', choices: ['500', '504'] });
    expect(choiceOf('llm-window-quota').parameters[0]).toMatchObject({ name: 'window', default: '10s', optional: false });
  });

  it('P03 reads what was typed as a scenario would have it: numbers, lists, members of maps', () => {
    expect(parseFaultParameters('llm-rate-limit', { retry_after: ' 2s ', form: '', 'trigger.nth': '1, 3', 'match.section': 'summary', 'match.job': '2', 'match.stream': 'true' })).toEqual({
      ok: true,
      parameters: { retry_after: '2s', trigger: { nth: [1, 3] }, match: { section: 'summary', job: 2, stream: true } },
    });
    expect(parseFaultParameters('llm-proxy-page', { status: '503' })).toEqual({ ok: true, parameters: { status: 503 } });
    expect(parseFaultParameters('llm-server-error', { 'trigger.always': 'true', 'match.host': 'reporting-1,reporting-2' })).toEqual({ ok: true, parameters: { trigger: { always: true }, match: { host: ['reporting-1', 'reporting-2'] } } });
    // A text stays one, whatever is in it.
    expect(parseFaultParameters('llm-refusal', { text: 'No, 7, never' })).toEqual({ ok: true, parameters: { text: 'No, 7, never' } });
    expect(parseFaultParameters('checkpoint-lost', { section: '7', all: 'true' })).toEqual({ ok: true, parameters: { section: '7', all: true } });
  });

  it('P03 says by field what is wrong and how to mend it', () => {
    expect(parseFaultParameters('flapping', { down_for: '', up_for: 'soon' })).toEqual({
      ok: false,
      problems: { down_for: '"down_for" is missing; add it: a text', up_for: '"up_for" is no duration; write a number and its unit: 250ms, 4s, 2m' },
    });
    expect(parseFaultParameters('latency', { latency: '1s', toxicity: '3', strem: 'upstream' })).toMatchObject({ ok: false, problems: { toxicity: expect.stringContaining('"toxicity"') as string, strem: expect.stringContaining('did you mean "stream"') as string } });
    expect(parseFaultParameters('llm-hang-up', { 'trigger.first': '2', 'trigger.every': '3' })).toMatchObject({ ok: false, problems: { trigger: expect.stringContaining('name exactly one') as string } });
    expect(parseFaultParameters('llm-hang-up', { 'trigger.first': 'two' })).toMatchObject({ ok: false, problems: { 'trigger.first': expect.any(String) as string } });
    expect(parseFaultParameters('no-such', {})).toEqual({ ok: false, problems: { '': 'there is no fault "no-such"' } });
  });
});

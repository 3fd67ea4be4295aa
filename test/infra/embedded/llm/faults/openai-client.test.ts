import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { llmFaultKinds } from '../../../../../src/infra/embedded/llm/faults/index.ts';
import { until } from '../../../../helpers/until.ts';
import { ask, type Outcome } from '../ask.ts';
import { FaultGateway } from '../fault-gateway.ts';
import { faultCases, type Expected, type FaultCase } from './fault-cases.ts';

/** Long enough for an answer that comes to have come. */
const PATIENCE_MS = 60;

const modes = [
  ['streamed', true],
  ['whole', false],
] as const;

function idOf({ type, name = '' }: FaultCase, mode: string): string {
  return `${type}/${name}/${mode}`;
}

describe('the registry', () => {
  it('P02 names each kind as its file', () => {
    const files = readdirSync(fileURLToPath(new URL('../../../../../src/infra/embedded/llm/faults', import.meta.url)));
    const expected = files.filter((file) => file !== 'index.ts' && file !== 'define-fault.ts').map((file) => file.replace('.ts', ''));
    expect(llmFaultKinds.map(({ type }) => type).toSorted()).toEqual(expected.toSorted());
  });

  it('P02 has a case of every kind below, but for what needs two calls', () => {
    const covered = new Set([...faultCases.map(({ type }) => type), 'stale-answer']);
    expect(llmFaultKinds.map(({ type }) => type).filter((type) => !covered.has(type))).toEqual([]);
  });

  it('P02 says of every kind in a sentence what it does, and what its parameters mean', () => {
    for (const { type, summary, parameters } of llmFaultKinds) {
      expect(`${type}: ${summary}`).toMatch(/^[a-z-]+: [A-Z].{15,}[^.]$/);
      for (const [name, schema] of Object.entries(parameters.shape)) expect(`${type}.${name}: ${(schema as { description?: string }).description}`).toMatch(/: (?!undefined).{10}/);
    }
  });
});

describe.each(['builtin', 'forwarded'] as const)('in front of a model (%s), the openai client', (how) => {
  let gateway: FaultGateway;
  let clean: string;

  beforeAll(async () => {
    gateway = await FaultGateway.start({}, how);
    clean = (await ask(gateway.client, false).done).text;
    // All at once, each for one job: the cases run side by side.
    const faults = faultCases.flatMap((fault) => modes.map(([mode]) => ({ id: idOf(fault, mode), type: fault.type, ...fault.parameters, match: { job: idOf(fault, mode) } })));
    await gateway.put(...faults);
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  describe.each(modes)('%s', (mode, stream) => {
    it.concurrent.each(faultCases.map((fault) => [fault.type, fault.name ?? '', fault] as const))('P02 %s %s', async (_type, _name, fault) => {
      const id = idOf(fault, mode);
      const expected = stream ? fault.stream : fault.whole;
      const asking = ask(gateway.client, stream, { 'x-netra-run-id': id });
      let waited = false;
      if ('waits' in expected) {
        await until(async () => (await gateway.affected(id)) === 1 && (expected.text !== true || asking.text() !== ''), 'the fault to set in');
        await sleep(PATIENCE_MS);
        waited = !asking.settled();
        asking.abort();
      }
      const outcome = await asking.done;
      expect(seenBy(expected, outcome, waited, clean)).toMatchObject(wanted(expected, clean));

      const touched = !('untouched' in expected);
      const [line] = await gateway.responses(1, (each) => each.run_id === id);
      expect(line).toMatchObject({ fault: touched ? id : null, ...(fault.free === true ? { completion_tokens: null } : {}), ...('waits' in expected ? { outcome: 'client_closed' } : {}) });
      expect((await gateway.faults()).find((state) => state.id === id)).toMatchObject({ type: fault.type, calls_seen: 1, calls_affected: touched ? 1 : 0 });
    });
  });

  it.each(modes)('P02 the other calls, %s, are as if there were no faults', async (_mode, stream) => {
    expect(JSON.parse(clean)).toHaveProperty('paragraphs');
    expect(await ask(gateway.client, stream).done).toMatchObject({ text: clean, finishReason: 'stop', usage: true, model: 'netra-builtin' });
    expect((await gateway.responses(1, (line) => line.run_id === null)).every(({ fault }) => fault === null)).toBe(true);
  });
});

function wanted(expected: Expected, clean: string): object {
  if ('waits' in expected) return { waited: true, hasText: expected.text ?? false, isBeginning: true };
  if ('throws' in expected) return { error: expected.throws, headers: expected.headers ?? {}, hasText: expected.text ?? false };
  if ('handsOn' in expected) return { error: undefined, body: expected.handsOn };
  return { error: undefined, ...('answers' in expected ? expected.answers(clean) : { text: clean, finishReason: 'stop' }) };
}

function seenBy(expected: Expected, outcome: Outcome, waited: boolean, clean: string): object {
  const names = 'throws' in expected ? Object.keys(expected.headers ?? {}) : [];
  const headers = Object.fromEntries(names.map((name) => [name, outcome.error?.headers?.get(name) ?? null]));
  return { ...outcome, error: outcome.error, waited, headers, hasText: outcome.text !== '', isBeginning: clean.startsWith(outcome.text) };
}

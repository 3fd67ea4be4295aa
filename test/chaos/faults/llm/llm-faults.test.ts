import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { FaultContext, InjectedFault } from '../../../../src/chaos/faults/fault.ts';
import { faults } from '../../../../src/chaos/faults/index.ts';
import { llmFaults } from '../../../../src/chaos/faults/llm/index.ts';
import { faultEntrySchema } from '../../../../src/chaos/scenario/fault-entry.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { createRng } from '../../../../src/core/rng.ts';
import type { RunningInfra } from '../../../../src/infra/provider.ts';
import { llmFaultKinds } from '../../../../src/infra/embedded/llm/faults/index.ts';
import { ask } from '../../../infra/embedded/llm/ask.ts';
import { FaultGateway } from '../../../infra/embedded/llm/fault-gateway.ts';
import { faultCases } from '../../../infra/embedded/llm/faults/fault-cases.ts';

let gateway: FaultGateway;
let infra: RunningInfra;
let jobIds: readonly string[];
beforeEach(async () => {
  gateway = await FaultGateway.start();
  const { host, port } = gateway.gateway;
  jobIds = [];
  // What the faults reach of the infrastructure, and nothing else.
  infra = { services: { llm: { name: 'llm', direct: { host, port } } } } as unknown as RunningInfra;
});
afterEach(() => gateway[Symbol.asyncDispose]());

const signal = (): AbortSignal => AbortSignal.timeout(10_000);

/** With parameters as a scenario writes them. */
function inject(type: string, written: object = {}, name = `${type}-1`, seed = '1'): Promise<InjectedFault> {
  const fault = llmFaults.find((each) => each.type === type);
  if (fault === undefined) throw new Error(`there is no fault ${type}`);
  const context = { infra, clock: systemClock, name, rng: createRng(seed), jobIds: () => jobIds } as Partial<FaultContext> as FaultContext;
  return fault.inject(context, 'llm', fault.parameters.parse(written), signal());
}

async function status(headers: Record<string, string> = {}): Promise<number | undefined> {
  const { error } = await ask(gateway.client, false, headers).done;
  return error === undefined ? 200 : error.status;
}

/** The statuses of 16 calls. */
async function touched(seed: string): Promise<string> {
  const injected = await inject('llm-server-error', { trigger: { probability: 0.5 } }, 'f', seed);
  const results: (number | undefined)[] = [];
  for (let call = 0; call < 16; call++) results.push(await status());
  await injected.heal(signal());
  return results.join();
}

describe('the registry', () => {
  it('P02 has a file for each fault, and a fault for each kind of the gateway', () => {
    const files = readdirSync(fileURLToPath(new URL('../../../../src/chaos/faults/llm', import.meta.url)));
    expect(llmFaults.map(({ type }) => `${type}.ts`).toSorted()).toEqual(files.filter((file) => file.startsWith('llm-')).toSorted());
    expect(llmFaults.map(({ type }) => type)).toEqual(llmFaultKinds.map(({ type }) => `llm-${type}`));
    expect(faults).toEqual(expect.arrayContaining([...llmFaults]));
  });

  it('P02 their schemas can be published, with durations for milliseconds', () => {
    for (const fault of llmFaults) {
      const { properties } = z.toJSONSchema(faultEntrySchema(fault), { io: 'input' }) as { properties: Record<string, { description?: string; pattern?: string }> };
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(['trigger', 'match', 'at', 'for']));
      expect(Object.keys(properties).filter((name) => name.endsWith('_ms'))).toEqual([]);
      expect(Object.entries(properties).filter(([name, { description }]) => !['type', 'target'].includes(name) && description === undefined)).toEqual([]);
    }
  });

  it.each(['1s', '250ms'])('P02 takes %s where the gateway takes milliseconds', async (text) => {
    await inject('llm-rate-limit', { retry_after: text, form: 'milliseconds', trigger: { window: { to: text } } });
    const { error } = await ask(gateway.client, false).done;
    expect(error?.headers?.get('retry-after-ms')).toBe(text === '1s' ? '1000' : '250');
    expect(await gateway.faults()).toMatchObject([{ type: 'rate-limit', retry_after_ms: text === '1s' ? 1_000 : 250, trigger: { window: { to_ms: text === '1s' ? 1_000 : 250 } } }]);
  });

  it.each([
    ['an unknown parameter', 'llm-rate-limit', { retry_afer: '1s' }],
    ['a number for a duration', 'llm-slow-headers', { delay: 5 }],
    ['a duration below its least', 'llm-stall-with-heartbeats', { every: '0s' }],
    ['a missing parameter', 'llm-window-quota', { requests: 1 }],
    ['two triggers', 'llm-server-error', { trigger: { first: 1, every: 2 } }],
    ['an unknown match', 'llm-server-error', { match: { sections: 'summary' } }],
    ['a job that is none', 'llm-server-error', { match: { job: 0 } }],
  ])('N07 refuses %s', (_what, type, written) => {
    expect(llmFaults.find((fault) => fault.type === type)?.parameters.safeParse(written).success).toBe(false);
  });
});

describe('a fault of a scenario', () => {
  it.each(llmFaults.map(({ type }) => type))('P02 %s is put into the gateway and taken back', async (type) => {
    const [kind] = faultCases.filter((fault) => `llm-${fault.type}` === type);
    const written = Object.fromEntries(Object.entries(kind?.parameters ?? {}).map(([name, value]) => (name.endsWith('_ms') ? [name.slice(0, -3), `${value}ms`] : [name, value])));
    const injected = await inject(type, { ...written, trigger: { probability: 0 } });
    expect(await gateway.faults()).toMatchObject([{ id: `${type}-1`, type: type.slice('llm-'.length), ...kind?.parameters }]);
    expect(await injected.affected(signal())).toEqual({ unit: 'calls', count: 0 });
    await injected.heal(signal());
    expect(await gateway.faults()).toEqual([]);
  });

  it('P02 tells how many calls it has touched, also when it is healed', async () => {
    const injected = await inject('llm-server-error', { trigger: { first: 2 } });
    expect([await status(), await status(), await status()]).toEqual([500, 500, 200]);
    expect(await injected.affected(signal())).toEqual({ unit: 'calls', count: 2 });
    await injected.heal(signal());
    expect(await injected.affected(signal())).toEqual({ unit: 'calls', count: 2 });
    expect(await status()).toBe(200);
  });

  it('P02 several are in force in the order in which they came, and each takes back itself alone', async () => {
    const limit = await inject('llm-rate-limit', { trigger: { every: 2 } });
    const [fail, forbidden] = await Promise.all([inject('llm-server-error', { trigger: { first: 2 } }), inject('llm-forbidden', {})]);
    expect([await status(), await status(), await status()]).toEqual([500, 429, 500]);
    await fail.heal(signal());
    expect([await status(), await status()]).toEqual([429, 403]);
    await Promise.all([limit.heal(signal()), forbidden.heal(signal())]);
    expect(await status()).toBe(200);
    expect(await Promise.all([limit, fail, forbidden].map(async (each) => (await each.affected(signal())).count))).toEqual([2, 2, 1]);
  });

  it('P02 names jobs by their number or by their id', async () => {
    jobIds = ['run-1-a', 'run-1-b', 'run-1-c'];
    await inject('llm-server-error', { match: { job: [2, 'run-1-c'], section: 'summary' } });
    const asked = [['run-1-a', 'summary'], ['run-1-b', 'summary'], ['run-1-c', 'summary'], ['run-1-b', 'action_items']] as const;
    expect(await Promise.all(asked.map(([job, section]) => status({ 'x-netra-run-id': job, 'x-netra-section': section })))).toEqual([200, 500, 500, 200]);
  });

  it('N07 a job that is not there yet is an error that says what to do', async () => {
    jobIds = ['a'];
    await expect(inject('llm-server-error', { match: { job: 2 } })).rejects.toThrow('llm-server-error-1 is about job 2, but only 1 were submitted when it began; let it begin `after: { event: job.submitted, count: 2 }`');
  });

  it('N07 what the gateway refuses is an error, and the others stay in force', async () => {
    await inject('llm-server-error');
    await expect(inject('llm-rate-limit', {}, '')).rejects.toThrow('faults[1].id');
    expect(await status()).toBe(500);
    expect(await gateway.faults()).toHaveLength(1);
  });

  it('N07 a gateway that is gone rejects, and does not hang', async () => {
    const injected = await inject('llm-server-error');
    await gateway.gateway.close();
    await expect(injected.heal(signal())).rejects.toThrow(/^the LLM gateway at http:\/\/127\.0\.0\.1:\d+\/netra\/faults cannot be reached: .*ECONNREFUSED/);
    await expect(inject('llm-rate-limit')).rejects.toThrow('cannot be reached');
  });

  it('P02 the seed of the scenario decides which calls it touches', async () => {
    const first = await touched('1');
    expect(await touched('1')).toBe(first);
    expect(new Set([first, await touched('2'), await touched('3')]).size).toBeGreaterThan(1);
  });
});

import { describe, expect, it } from 'vitest';
import { occurrenceRng, planOccurrences, type PlannedOccurrence } from '../../../src/chaos/engine/fault-plan.ts';
import { scenarioOf } from '../../helpers/scenario.ts';

const yaml = `
fleet: { reporting_hosts: 8 }
faults:
  - { type: down, target: redis, at: 1s, for: 100ms, repeat: { times: 30, every: 500ms }, probability: 0.5 }
  - { type: kill, target: reporting, at: 1s, repeat: { times: 30, every: 500ms } }
  - { type: pause, target: control, at: 1s, for: 1s }
  - { type: rolling-restart, target: reporting, at: 1s }
  - { type: kill, target: event-host, after: { event: checkpoint.saved } }
  - { type: checkpoint-corrupted, after: { event: checkpoint.saved } }
`;

function shape(occurrences: readonly PlannedOccurrence[]): string {
  return JSON.stringify(occurrences.map(({ fault, occurrence, target, draw, happens }) => [fault.id, occurrence, target, draw, happens, fault.parameters]));
}

describe('the plan of a scenario\'s faults', () => {
  it('P02 one seed gives one sequence of faults, targets, parameters and draws: 20 times out of 20', () => {
    const plans = new Set(Array.from({ length: 20 }, () => shape(planOccurrences(scenarioOf(yaml), '42'))));
    expect(plans.size).toBe(1);
  });

  it('P02 the seed matters: draws and targets differ', () => {
    const plans = ['1', '2', '3', '4', '5'].map((seed) => planOccurrences(scenarioOf(yaml), seed));
    expect(new Set(plans.map(shape)).size).toBe(5);
    expect(new Set(plans.map((plan) => plan.filter(({ fault }) => fault.type === 'kill').map(({ target }) => target).join())).size).toBe(5);
  });

  it('P02 about the share of times happens that the probability says, and certain ones are not drawn', () => {
    const plan = planOccurrences(scenarioOf(yaml), '1');
    const drawn = plan.filter(({ fault }) => fault.type === 'down');
    expect(drawn).toHaveLength(31);
    expect(drawn.filter(({ happens }) => happens).length).toBeGreaterThan(5);
    expect(drawn.filter(({ happens }) => !happens).length).toBeGreaterThan(5);
    for (const { draw, happens } of drawn) expect(happens).toBe((draw as number) < 0.5);
    expect(plan.filter(({ fault }) => fault.type !== 'down').every(({ draw, happens }) => draw === null && happens)).toBe(true);
  });

  it('P02 a role becomes one of its hosts, but for a fault that means them all', () => {
    const plan = planOccurrences(scenarioOf(yaml), '1');
    const targets = (type: string): Set<string> => new Set(plan.filter(({ fault }) => fault.type === type).map(({ target }) => target));
    expect([...targets('kill')].filter((target) => target !== 'event-host').every((target) => /^reporting-[1-8]$/.test(target))).toBe(true);
    expect(targets('kill').size).toBeGreaterThan(3);
    expect([...targets('pause')]).toEqual(['control-1']);
    expect([...targets('rolling-restart')]).toEqual(['reporting']);
    expect(targets('kill')).toContain('event-host');
  });

  it('P02 what one time of a fault draws does not depend on the others', () => {
    const [first, second] = scenarioOf(yaml).faults;
    if (first === undefined || second === undefined) throw new Error('two faults are in the file');
    const draws = (seed: string, number: number): number => occurrenceRng(seed, first, number).next();
    expect(draws('1', 1)).toBe(draws('1', 1));
    expect(new Set([draws('1', 1), draws('1', 2), draws('2', 1), occurrenceRng('1', second, 1).next()]).size).toBe(4);
  });
});

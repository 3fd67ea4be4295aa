import { beforeAll, describe, expect, it } from 'vitest';
import type { ChaosReport } from '../../src/reporters/chaos-report.ts';
import { invariants } from '../../src/chaos/checks/invariants/index.ts';
import { faults } from '../../src/chaos/faults/index.ts';
import { runCli, temporaryFolder, type CliResult } from '../helpers/cli.ts';
import { bundledNames, bundledScenario } from './bundled.ts';

describe('bundled scenarios', () => {
  let result: CliResult;
  let report: ChaosReport;
  // One command for all of them: it is what CI runs, and its scenarios share the machine as they do there.
  beforeAll(async () => {
    await using folder = await temporaryFolder();
    result = await runCli(['chaos', '--all', '--infra', 'embedded', '--json', '--quiet'], { cwd: folder.path });
    report = JSON.parse(result.stdout) as ChaosReport;
  });

  it.each(bundledNames)('P02 %s is green on a healthy fleet', (name) => {
    const scenario = report.scenarios.find((each) => each.name === name);
    expect(scenario?.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(scenario?.verdict).toBe('pass');
  });

  it('P02 all of them together end with exit code 0', () => {
    expect(report.verdict).toBe('pass');
    expect(result.exitCode).toBe(0);
  });

  it('P02 every always-on check has judged in every scenario, without a waiver', () => {
    for (const { checks } of report.scenarios) expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(invariants.map(({ name }) => name)));
    expect(bundledNames.flatMap((name) => bundledScenario(name).waivers)).toEqual([]);
  });

  it('P02 there are at least 28, they cover every family of faults, and each says what it teaches', () => {
    const scenarios = bundledNames.map(bundledScenario);
    expect(scenarios.length).toBeGreaterThanOrEqual(28);
    const families = new Set(scenarios.flatMap((scenario) => scenario.faults.map(({ type }) => faults.find((fault) => fault.type === type)?.family)));
    expect(families).toEqual(new Set(faults.map(({ family }) => family)));
    for (const { description } of scenarios) expect(description.length).toBeGreaterThan(80);
  });
});

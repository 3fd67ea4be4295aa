import { beforeAll, describe, expect, it } from 'vitest';
import type { ChaosReport } from '../../src/reporters/chaos-report.ts';
import { bundledNames } from '../chaos-e2e/bundled.ts';
import { runCli, temporaryFolder, type CliResult } from '../helpers/cli.ts';

/** test/chaos-e2e/all-green.test.ts asks the same of the embedded services. */
describe('bundled scenarios on containers', () => {
  let result: CliResult;
  let report: ChaosReport;
  beforeAll(async () => {
    await using folder = await temporaryFolder();
    result = await runCli(['chaos', '--all', '--infra', 'containers', '--json', '--quiet'], { cwd: folder.path });
    report = JSON.parse(result.stdout) as ChaosReport;
  }, 1_500_000);

  it.each(bundledNames)('P01 P02 %s has the verdict that it has on embedded services', (name) => {
    const scenario = report.scenarios.find((each) => each.name === name);
    expect(scenario?.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect({ provider: scenario?.provider, verdict: scenario?.verdict }).toEqual({ provider: 'containers', verdict: 'pass' });
  });

  it('P02 all of them together end with exit code 0', () => {
    expect(report.verdict).toBe('pass');
    expect(result.exitCode).toBe(0);
  });
});

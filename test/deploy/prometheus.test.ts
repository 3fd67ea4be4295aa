import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentPath, render } from '../../scripts/metrics-doc.ts';
import { metricDefinitions } from '../../src/telemetry/metrics/registry.ts';
import { temporaryFolder } from '../helpers/cli.ts';
import { noPromtool, promtool } from '../helpers/promtool.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, 'deploy', 'prometheus');
const alertsText = await readFile(join(folder, 'alerts.yml'), 'utf8');
const rules = (parse(alertsText) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const tests = (parse(await readFile(join(folder, 'alerts.test.yml'), 'utf8')) as { tests: { alert_rule_test: { alertname: string; exp_alerts: object[] }[] }[] }).tests.flatMap((test) => test.alert_rule_test);
const document = await readFile(documentPath, 'utf8');
const because = noPromtool === undefined ? '' : ` (${noPromtool})`;

describe('alert rules', () => {
  it.each(rules)('N03 $alert has a severity, says what and why, and its runbook is there', ({ alert, labels, annotations, for: duration }) => {
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(duration).toMatch(/^\d+m$/);
    expect(annotations['summary']).toMatch(/\S{3}/);
    expect(annotations['description']).toMatch(/[.]$/);
    const [file, anchor] = (annotations['runbook_url'] as string).split('#');
    expect(file).toBe('docs/monitoring.md');
    expect([...document.matchAll(/^### (.+)$/gm)].map(([, heading]) => (heading as string).toLowerCase())).toContain(anchor);
    expect(document).toContain(`| [${alert}](#${anchor}) | ${labels.severity} |`);
  });

  it('N03 every alert that was asked for is there, and every metric that a rule reads exists', () => {
    expect(rules.map(({ alert }) => alert)).toEqual(expect.arrayContaining(['NetraBreakerOpen', 'NetraHighFailureRate', 'NetraFleetDegraded', 'NetraReportsBelowBasic', 'NetraNoResumeAfterCrash', 'NetraConsumerLag', 'NetraCheckpointFailures']));
    const known = Object.keys(metricDefinitions).map((name) => `netra_${name}`);
    for (const { expr } of rules) for (const [name] of expr.matchAll(/netra_[a-z_]+/g)) expect(known).toContain(name);
    for (const [, name] of document.matchAll(/`(netra_[a-z_]+)/g)) expect(known).toContain(name);
  });

  it.skipIf(noPromtool !== undefined)(`N03 promtool finds the rules valid${because}`, async () => {
    const { code, output } = await promtool(['check', 'rules', join(folder, 'alerts.yml')]);
    expect(output).toContain(`SUCCESS: ${rules.length} rules found`);
    expect(code).toBe(0);
  });

  it.skipIf(noPromtool !== undefined)(`N03 each alert fires and stays silent when it should${because}`, async () => {
    const { code, output } = await promtool(['test', 'rules', join(folder, 'alerts.test.yml')]);
    expect(output).toContain('SUCCESS');
    expect(code).toBe(0);
  });

  it.skipIf(noPromtool !== undefined).each(['vector(1) > 2', 'vector(1)'])(`N03 the tests notice alerts whose rule is %s${because}`, async (expr) => {
    await using temporary = await temporaryFolder();
    await copyFile(join(folder, 'alerts.test.yml'), join(temporary.path, 'alerts.test.yml'));
    await writeFile(join(temporary.path, 'alerts.yml'), JSON.stringify({ groups: [{ name: 'changed', rules: rules.map((rule) => ({ ...rule, expr })) }] }));
    const { code, output } = await promtool(['test', 'rules', join(temporary.path, 'alerts.test.yml')]);
    expect(new Set([...output.matchAll(/alertname: ?(\w+)/g)].map(([, alert]) => alert))).toEqual(new Set(rules.map(({ alert }) => alert)));
    expect(code).toBe(1);
  });

  it.each(rules)('N03 $alert is tested firing and not firing', ({ alert }) => {
    const fires = tests.filter(({ alertname }) => alertname === alert).map(({ exp_alerts: alerts }) => alerts.length > 0);
    expect(new Set(fires)).toEqual(new Set([true, false]));
  });
});

describe('scrape configuration', () => {
  it.skipIf(noPromtool !== undefined).each(['prometheus.yml', 'kubernetes.yml'])(`N03 promtool finds %s valid${because}`, async (name) => {
    await using temporary = await temporaryFolder();
    await copyFile(join(folder, 'alerts.yml'), join(temporary.path, 'alerts.yml'));
    await writeFile(join(temporary.path, 'netra-token'), 'a token of sixteen characters');
    const text = await readFile(join(folder, name), 'utf8');
    // The distribution's Prometheus is built without the discovery of Kubernetes; all the rest of the file is checked.
    await writeFile(join(temporary.path, name), text.replace('kubernetes_sd_configs:\n      - role: pod\n', 'static_configs:\n      - targets: [localhost:8080]\n'));
    const { code, output } = await promtool(['check', 'config', join(temporary.path, name)]);
    expect(output).toContain('is valid prometheus config file syntax');
    expect(code).toBe(0);
  });

  it('N03 on Kubernetes, pods are found by what the manifests call them', async () => {
    const [{ relabel_configs: relabel = [], kubernetes_sd_configs: discovery } = {}] = (
      parse(await readFile(join(folder, 'kubernetes.yml'), 'utf8')) as { scrape_configs: { kubernetes_sd_configs?: object[]; relabel_configs?: { regex?: string; action?: string }[] }[] }
    ).scrape_configs;
    expect(discovery).toEqual([{ role: 'pod' }]);
    const [application, port] = (relabel.find(({ action }) => action === 'keep')?.regex ?? '').split(';');
    for (const role of ['business', 'control', 'reporting']) {
      const manifest = await readFile(join(root, 'deploy', 'kubernetes', `${role}.yaml`), 'utf8');
      expect(manifest).toContain(`app.kubernetes.io/name: ${application}`);
      expect(manifest).toContain(`{name: ${port}, containerPort:`);
    }
  });
});

describe('docs/monitoring.md', () => {
  it('N01 its table is what the registry says: run `node scripts/metrics-doc.ts` where this fails', () => {
    expect(document).toBe(render(document));
    for (const name of Object.keys(metricDefinitions)) expect(document).toContain(`| \`netra_${name}\` |`);
  });

  it('N08 the files, settings and messages that it names exist', async () => {
    for (const [, path] of document.matchAll(/\]\((?!#|http)([^)#]+)/g)) await expect(readFile(join(root, 'docs', path as string)).catch(({ code }: NodeJS.ErrnoException) => code)).resolves.not.toBe('ENOENT');
    const { hostVariables } = await import('../../src/fleet/host/config.ts');
    for (const [name] of document.matchAll(/NETRA_[A-Z_]+/g)) expect(hostVariables).toContain(name);
    expect(document).toContain('checkpoint store not reached');
    expect(await readFile(join(root, 'src/fleet/reporting/checkpoints/checkpoint-telemetry.ts'), 'utf8')).toContain("'checkpoint store not reached'");
  });
});

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { IConfigMap, IPersistentVolumeClaim, IService } from 'kubernetes-models/v1';
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1';
import { HorizontalPodAutoscaler, type IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import { PodDisruptionBudget, type IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, PersistentVolumeClaim, Service } from 'kubernetes-models/v1';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { hostSettings } from '../../src/cli/host/host-settings.ts';
import { hostVariables } from '../../src/fleet/host/config.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { RunningCli, temporaryFolder } from '../helpers/cli.ts';
import { typeErrors, type Manifest } from './manifest-types.ts';

const folder = fileURLToPath(new URL('../../deploy/kubernetes/', import.meta.url));
const files = (await readdir(folder)).toSorted((left, right) => left.localeCompare(right));
const manifests = (await Promise.all(files.map(async (file) => parseAllDocuments(await readFile(join(folder, file), 'utf8')).map((document) => document.toJS() as Manifest)))).flat();

function ofKind<Kind extends Manifest>(kind: string): Kind[] {
  return manifests.filter((manifest) => manifest.kind === kind) as Kind[];
}
const deployments = ofKind<IDeployment & Manifest>('Deployment');
const configuration = ofKind<IConfigMap & Manifest>('ConfigMap')[0]?.data ?? {};
const podOf = (deployment: IDeployment) => deployment.spec?.template.spec ?? { containers: [] };
const containerOf = (deployment: IDeployment) => {
  const [container] = podOf(deployment).containers;
  if (container === undefined) throw new Error('a Deployment without a container');
  return container;
};
/** What the Secret netra-fleet holds: docs/scale-out.md says how it is made. */
const secret = { NETRA_DATABASE_URL: 'postgres://netra@postgres:5432/netra', NETRA_REDIS_URL: 'redis://redis:6379', NETRA_LLM_API_KEY: 'x', NETRA_TOKEN: 'long enough for a token' };

function changed(kind: string, change: (manifest: never) => void): Manifest {
  const copy = structuredClone(ofKind(kind)[0]) as Manifest;
  change(copy as never);
  return copy;
}

describe('deploy/kubernetes against the types of Kubernetes', () => {
  let errors: string[][];
  let planted: string[][];
  beforeAll(async () => {
    const broken = [
      changed('Deployment', (manifest: { spec: { repilcas: number } }) => (manifest.spec.repilcas = 3)),
      changed('Deployment', (manifest: { spec: { template: { spec: { containers: { livenessProbe: { httpGet: { pth: string } } }[] } } } }) => {
        const [container] = manifest.spec.template.spec.containers;
        if (container !== undefined) container.livenessProbe.httpGet.pth = '/health';
      }),
      changed('Deployment', (manifest: { spec: { template: { spec: { terminationGracePeriodSeconds: unknown } } } }) => (manifest.spec.template.spec.terminationGracePeriodSeconds = '70')),
      changed('HorizontalPodAutoscaler', (manifest: { spec: { maxReplicas?: number } }) => delete manifest.spec.maxReplicas),
    ];
    const all = await typeErrors([...manifests, ...broken]);
    errors = all.slice(0, manifests.length);
    planted = all.slice(manifests.length);
  });

  it('P01 every manifest has the fields of its kind and no others, of the right types', () => {
    expect(manifests.length).toBeGreaterThanOrEqual(10);
    expect(errors.flatMap((list, index) => list.map((error) => `${manifests[index]?.kind} ${manifests[index]?.metadata.name}: ${error}`))).toEqual([]);
  });

  it('P01 planted: a misspelt field, at the top and deep inside, a value of the wrong type, a field that is lacking', () => {
    expect(planted.map((list) => list.join(' '))).toEqual([
      expect.stringContaining("'\"repilcas\"' does not exist"),
      expect.stringContaining("'\"pth\"' does not exist"),
      expect.stringContaining("Type 'string' is not assignable to type 'number'"),
      expect.stringContaining("'\"maxReplicas\"' is missing"),
    ]);
  });

  it('P01 every manifest passes its kind’s schema, which knows quantities and number formats', () => {
    const models = { Deployment, ConfigMap, Service, PersistentVolumeClaim, PodDisruptionBudget, HorizontalPodAutoscaler };
    const check = (manifest: Manifest): void => new models[manifest.kind as keyof typeof models](manifest as never).validate();
    for (const manifest of manifests) expect(() => check(manifest)).not.toThrow();
    const tooLarge = changed('Deployment', (manifest: { spec: { replicas: number } }) => (manifest.spec.replicas = 2 ** 40));
    expect(() => check(tooLarge)).toThrow(/replicas/);
  });
});

describe('deploy/kubernetes against the program', () => {
  it('P01 there is a Deployment for each role, and its arguments are ones that nothing is wrong with', () => {
    const roles = deployments.map((deployment) => {
      const container = containerOf(deployment);
      const parsed = parseCommandLine(commands, (container.args ?? []).map((word) => word.replace('$(POD_NAME)', 'a-pod-7d9f')), '0');
      if (parsed.kind !== 'command') throw new Error('no command');
      const direct = Object.fromEntries((container.env ?? []).map(({ name }) => [name, '10.0.0.7']));
      return hostSettings(parsed.input, { environment: { ...configuration, ...secret, ...direct }, cwd: '/' }).config.role;
    });
    expect(roles.toSorted((left, right) => left.localeCompare(right))).toEqual(['business', 'control', 'reporting']);
  });

  it('P01 every variable that is set is one that hosts read', () => {
    const set = [...Object.keys(configuration), ...Object.keys(secret), ...deployments.flatMap((deployment) => (containerOf(deployment).env ?? []).map(({ name }) => name))].filter((name) => name !== 'POD_NAME');
    expect(set.filter((name) => !hostVariables.includes(name))).toEqual([]);
    expect(manifests.some(({ kind }) => kind === 'Secret')).toBe(false);
  });

  it('P01 pods are ended later than hosts are done with draining', () => {
    for (const deployment of deployments) expect((podOf(deployment).terminationGracePeriodSeconds ?? 0) * 1_000).toBeGreaterThanOrEqual(Number(configuration['NETRA_SHUTDOWN_GRACE_MS']) + 3_000);
  });

  it('P01 no more reporting hosts than partitions', () => {
    const [autoscaler] = ofKind<IHorizontalPodAutoscaler & Manifest>('HorizontalPodAutoscaler');
    expect(autoscaler?.spec?.maxReplicas).toBeLessThanOrEqual(Number(configuration['NETRA_KAFKA_PARTITIONS']));
    expect(autoscaler?.spec?.scaleTargetRef.name).toBe(deployments.find((deployment) => containerOf(deployment).args?.includes('--role=reporting'))?.metadata.name);
  });

  it('P01 nobody runs as root or writes elsewhere than into volumes', () => {
    for (const deployment of deployments) {
      expect(podOf(deployment).securityContext).toMatchObject({ runAsNonRoot: true });
      expect(containerOf(deployment).securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
      const mounts = (containerOf(deployment).volumeMounts ?? []).map(({ mountPath }) => mountPath);
      expect(mounts.some((path) => configuration['NETRA_STATE_DIR']?.startsWith(`${path}/`))).toBe(true);
    }
  });

  it('P01 services, budgets and volumes mean pods and claims that are there', () => {
    const labels = deployments.map((deployment) => deployment.spec?.template.metadata?.labels ?? {});
    const selectors = [...ofKind<IService & Manifest>('Service').map(({ spec }) => spec?.selector ?? {}), ...ofKind<IPodDisruptionBudget & Manifest>('PodDisruptionBudget').map(({ spec }) => spec?.selector?.matchLabels ?? {})];
    expect(selectors).toHaveLength(4);
    for (const selector of selectors) expect(labels.filter((pod) => Object.entries(selector).every(([name, value]) => pod[name] === value))).toHaveLength(1);
    const claims = deployments.flatMap((deployment) => (podOf(deployment).volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []));
    expect(claims).toEqual(ofKind<IPersistentVolumeClaim & Manifest>('PersistentVolumeClaim').map(({ metadata }) => metadata.name));
  });

  it('P01 probes ask for what a running host answers, on the port that it listens on', { timeout: 60_000 }, async () => {
    await using temporary = await temporaryFolder();
    const port = Number(configuration['NETRA_HTTP_PORT']);
    const away = { NETRA_KAFKA_BROKERS: '127.0.0.1:1', NETRA_REDIS_URL: 'redis://127.0.0.1:1', NETRA_DATABASE_URL: 'postgres://127.0.0.1:1/x', NETRA_LLM_BASE_URL: 'http://127.0.0.1:1/v1' };
    // Everything as in the cluster but the services, which are away, and the port, which may be taken here.
    const environment = { ...configuration, ...secret, ...away, NETRA_STATE_DIR: join(temporary.path, 'state'), NETRA_SHUTDOWN_GRACE_MS: '5000', NETRA_HTTP_HOST: '127.0.0.1', NETRA_HTTP_PORT: '0' };
    await using cli = new RunningCli(['host', '--role=reporting', '--name=reporting-7d9f'], { cwd: temporary.path, environment });
    await cli.printed('host.listening');
    const { port: actual } = JSON.parse(cli.stdout) as { port: number };
    for (const deployment of deployments) {
      const container = containerOf(deployment);
      expect(container.ports?.find(({ name }) => name === 'http')?.containerPort).toBe(port);
      const ask = async (probe: typeof container.livenessProbe): Promise<number> => {
        expect(probe?.httpGet?.port).toBe('http');
        return (await fetch(`http://127.0.0.1:${actual}${probe?.httpGet?.path}`)).status;
      };
      expect(await ask(container.startupProbe)).toBe(200);
      // Alive although every service is away: to start it anew would mend nothing.
      expect(await ask(container.livenessProbe)).toBe(200);
      expect([200, 503]).toContain(await ask(container.readinessProbe));
      expect(container.readinessProbe?.httpGet?.path).not.toBe(container.livenessProbe?.httpGet?.path);
    }
    cli.process.kill('SIGTERM');
    expect((await cli.finished).exitCode).toBe(0);
  });
});

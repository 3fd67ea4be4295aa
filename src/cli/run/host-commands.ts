import { randomBytes } from 'node:crypto';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchContainer } from '../../chaos/engine/host-container.ts';
import type { HostCommand } from '../../chaos/engine/host-process.ts';
import { cacheFolder } from '../../infra/cache-folder.ts';
import { ownLabels } from '../../infra/providers/containers/labels.ts';
import type { RunningInfra } from '../../infra/provider.ts';
import type { FleetContainers } from './fleet-containers.ts';
import type { RunFolder } from './run-folder.ts';

export const supervisorHost = 'control-1';

export interface FleetPlan {
  readonly runId: string;
  readonly seed: string;
  readonly reportingHosts: number;
  /** Jobs under way at once over all reporting hosts. */
  readonly concurrency: number;
  readonly dataDir: string | undefined;
  readonly control: boolean;
  readonly folder: RunFolder;
  /** Entry of a host process. @default this program's own */
  readonly hostEntry?: string;
  /** Hosts are containers. @default processes */
  readonly containers?: FleetContainers | undefined;
  /** The environment of the CLI, for PATH and the like; secrets of its own are not handed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The token that every request to a host carries in this run. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/** The reference fleet: business ×1, control ×1, reporting ×n, each `node dist/fleet/host/main.js`. */
export function fleetCommands(plan: FleetPlan, infra: RunningInfra, token: string): HostCommand[] {
  const entry = plan.hostEntry ?? fileURLToPath(new URL('../../fleet/host/main.js', import.meta.url));
  const roles = ['business', 'control', ...Array.from({ length: plan.reportingHosts }, () => 'reporting')];
  return roles.map((role, index) => {
    const host = role === 'reporting' ? `reporting-${index - 1}` : `${role}-1`;
    const words = ['--role', role, '--name', host];
    const command: HostCommand = {
      host,
      command: process.execPath,
      args: [...heap, entry, ...words],
      environment: {
        ...inherited(plan.environment),
        ...infra.hostEnvironment,
        NETRA_RUN_ID: plan.runId,
        NETRA_SEED: plan.seed,
        NETRA_HTTP_PORT: '0',
        NETRA_TOKEN: token,
        NETRA_STATE_DIR: join(plan.folder.state, host),
        NETRA_RESILIENCE: plan.control ? 'off' : 'on',
        NETRA_JOB_CONCURRENCY: String(Math.max(1, Math.ceil(plan.concurrency / Math.max(1, plan.reportingHosts)))),
        NETRA_EXIT_ON_STDIN_CLOSE: 'on',
        // Hosts of one machine share its cores; a thread pool of four in each only adds switching.
        UV_THREADPOOL_SIZE: String(Math.max(2, Math.min(4, cpus().length))),
        ...(plan.dataDir === undefined ? {} : { NETRA_DATA_DIR: plan.dataDir }),
      },
      logPath: join(plan.folder.logs, `${host}.ndjson`),
    };
    return plan.containers === undefined ? command : inContainer(plan.containers, { ...command, args: ['host', ...words] }, plan);
  });
}

/** Many small processes on one machine: a small young generation, and an old one that is collected instead of grown. */
const heap = ['--max-semi-space-size=4', '--max-old-space-size=192'];
/** Of this machine, and wrong in the image. */
const ofThisMachine = /^(PATH|HOME|TMPDIR|NODE_.*)$/;
/** Files that a host is told of by these must be there in its container too. */
const namesFile = /^NETRA_(DATA_DIR|TLS_.*_FILE)$/;

function inContainer({ image, address, clock }: FleetContainers, command: HostCommand, { runId, folder, environment: own }: FleetPlan): HostCommand {
  // Compiled code of the image's Node, kept from one run to the next.
  const cache = join(cacheFolder(own), 'fleet');
  const environment = Object.fromEntries(Object.entries(command.environment).filter(([name]) => !ofThisMachine.test(name)));
  const launch = launchContainer({
    image,
    address,
    clock,
    labels: ownLabels({ runId, startId: runId, keep: false }),
    folders: [join(folder.state, command.host), cache],
    readOnly: Object.entries(environment).flatMap(([name, value]) => (namesFile.test(name) && value !== '' ? [value] : [])),
  });
  return { ...command, launch, environment: { ...environment, NETRA_CACHE_DIR: cache, NODE_OPTIONS: heap.join(' ') } };
}

/** What a process needs to run at all, and what its user asks of Node and OpenTelemetry; no keys. */
function inherited(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const wanted = Object.entries(environment).filter(([name, value]) => value !== undefined && (/^(PATH|HOME|TMPDIR|TZ|LANG|LC_.*|NODE_(OPTIONS|EXTRA_CA_CERTS|V8_COVERAGE|COMPILE_CACHE)|OTEL_.*|NETRA_(BOUNDARY_EVENTS|KAFKA_PARTITIONS|LOG_LEVEL))$/.test(name)));
  return Object.fromEntries(wanted) as Record<string, string>;
}

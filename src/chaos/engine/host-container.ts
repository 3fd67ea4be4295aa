import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import type { EngineAddress } from '../../infra/providers/containers/engine/address.ts';
import { callEngine, EngineRefusal, readText } from '../../infra/providers/containers/engine/http.ts';
import { spawned, type HostLauncher } from './host-launcher.ts';
import type { HostCommand, HostExit } from './host-process.ts';

export interface HostContainerOptions {
  readonly image: string;
  readonly address: EngineAddress;
  readonly labels: Readonly<Record<string, string>>;
  /** Folders of this machine that the host writes to, at the same path in the container. Made where they are absent. */
  readonly folders: readonly string[];
  /** Files and folders that it reads, at the same path. */
  readonly readOnly: readonly string[];
  readonly clock: Clock;
}

/** Of a lab that is root: its hosts need not be. As in the Dockerfile. */
const unprivileged = 10_001;
const lookEveryMs = 20;
const startWithinMs = 30_000;
/** What the engine's client itself needs. */
const clientVariables = ['PATH', 'HOME', 'DOCKER_CONFIG', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY', 'XDG_RUNTIME_DIR'];

const containerSchema = z.object({ Id: z.string(), State: z.object({ Pid: z.int() }) });

/**
 * Runs a host's `args` as the words of an image's program, by `docker run`: standard input and output are the
 * container's, and the container is gone when the client ends. The network is this machine's, since proxies and hosts
 * listen on its loopback addresses. No `--init`: the host is the container's first process, and so the one that signals
 * go to, past the engine and at once.
 */
export function launchContainer(options: HostContainerOptions): HostLauncher {
  const { address, clock } = options;
  let starts = 0;
  return async (command, log) => {
    starts += 1;
    const name = `netra-${options.labels['netra-resilience.run'] ?? 'run'}-${command.host}-${starts}-${process.pid}`;
    const { uid, gid } = owner();
    for (const folder of options.folders) {
      mkdirSync(folder, { recursive: true });
      if (uid !== process.getuid?.()) chownSync(folder, uid, gid);
    }
    const client = Object.fromEntries(clientVariables.flatMap((variable) => (process.env[variable] === undefined ? [] : [[variable, process.env[variable]]]))) as Record<string, string>;
    // Variables by name alone: values are none of other users' business, who see command lines.
    const child = await spawned(command, 'docker', ['--host', address.url, 'run', ...runArguments(name, `${uid}:${gid}`, command, options), ...command.args], { ...command.environment, ...client }, log);
    const ended = new AbortController();
    child.once('exit', () => ended.abort(new Error('it ended at once')));
    const pid = await findProcess(name, address, clock, ended.signal).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw new Error(`host ${command.host} cannot be started in a container: ${error instanceof Error ? error.message : String(error)}; see ${command.logPath}`, { cause: error });
    });
    return { child, pid, exitOf };
  };
}

function owner(): { uid: number; gid: number } {
  const uid = process.getuid?.() ?? unprivileged;
  return uid === 0 ? { uid: unprivileged, gid: unprivileged } : { uid, gid: process.getgid?.() ?? uid };
}

function runArguments(name: string, user: string, { environment }: HostCommand, { image, labels, folders, readOnly }: HostContainerOptions): string[] {
  return [
    '--rm',
    '--interactive',
    '--pull=never',
    '--no-healthcheck',
    '--network=host',
    '--read-only',
    '--tmpfs=/tmp',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    `--user=${user}`,
    `--name=${name}`,
    ...Object.entries(labels).map(([label, value]) => `--label=${label}=${value}`),
    ...Object.keys(environment).map((variable) => `--env=${variable}`),
    ...folders.map((path) => `--mount=type=bind,source=${path},target=${path}`),
    ...readOnly.map((path) => `--mount=type=bind,source=${path},target=${path},readonly`),
    image,
  ];
}

/** Looks until the container runs. Rejects where its client ends first, and where the process is none of this machine. */
async function findProcess(name: string, address: EngineAddress, clock: Clock, ended: AbortSignal): Promise<number> {
  const late = new AbortController();
  const cancelTimer = clock.setTimer(startWithinMs, () => late.abort(new Error(`it was not running within ${startWithinMs / 1_000} s`)));
  const until = AbortSignal.any([ended, late.signal]);
  try {
    for (;;) {
      const container = await inspect(name, address, until);
      if (container !== undefined && container.State.Pid > 0) return processHere(container, address);
      await clock.sleep(lookEveryMs, until);
    }
  } finally {
    cancelTimer();
  }
}

function processHere({ Id, State }: z.infer<typeof containerSchema>, address: EngineAddress): number {
  if (cgroupOf(State.Pid).includes(Id)) return State.Pid;
  throw new Error(`its process is not one of this machine, and could not be sent signals; the engine at ${address.url} runs in a machine of its own`);
}

/** undefined where it has not been made yet. */
async function inspect(name: string, address: EngineAddress, signal: AbortSignal): Promise<z.infer<typeof containerSchema> | undefined> {
  try {
    return containerSchema.parse(JSON.parse(await readText(await callEngine(address, { method: 'GET', path: `/containers/${name}/json`, signal }))));
  } catch (error) {
    if (error instanceof EngineRefusal && error.status === 404) return undefined;
    throw error;
  }
}

function cgroupOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return ''; // No such process here.
  }
}

/** The client ends with 128 + n where signal n ended the container. */
function exitOf({ exitCode, signal }: HostExit): HostExit {
  const by = exitCode === null ? undefined : signalOf(exitCode - 128);
  return by === undefined ? { exitCode, signal } : { exitCode: null, signal: by };
}

function signalOf(number: number): NodeJS.Signals | undefined {
  return (Object.keys(constants.signals) as NodeJS.Signals[]).find((name) => constants.signals[name] === number);
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from './cli.ts';
import { freePort } from './free-port.ts';

const deployed = join(import.meta.dirname, '..', '..', 'deploy', 'prometheus');

export interface PrometheusOptions {
  /** `host:port` each. */
  readonly targets: readonly string[];
  /** Bearer token of the targets. */
  readonly token: string;
  /** What a test cannot wait for, made shorter. @default as they are */
  readonly rules?: (text: string) => string;
}

export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** A Prometheus of the distribution with the configuration of deploy/prometheus, which scrapes and judges every second. */
export class Prometheus implements AsyncDisposable {
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;
  readonly #child: ChildProcess;
  readonly #url: string;
  #log = '';

  private constructor(folder: Awaited<ReturnType<typeof temporaryFolder>>, child: ChildProcess, url: string) {
    this.#folder = folder;
    this.#child = child;
    this.#url = url;
    child.stderr?.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
  }

  static async start(options: PrometheusOptions): Promise<Prometheus> {
    const folder = await temporaryFolder();
    const configuration = await readFile(join(deployed, 'prometheus.yml'), 'utf8');
    await writeFile(join(folder.path, 'prometheus.yml'), configuration.replaceAll('15s', '1s').replace(/targets: .*/, `targets: ${JSON.stringify(options.targets)}`));
    await writeFile(join(folder.path, 'netra-token'), options.token);
    if (options.rules === undefined) await copyFile(join(deployed, 'alerts.yml'), join(folder.path, 'alerts.yml'));
    else await writeFile(join(folder.path, 'alerts.yml'), options.rules(await readFile(join(deployed, 'alerts.yml'), 'utf8')));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn('prometheus', [`--config.file=${join(folder.path, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder.path, 'data')}`, `--web.listen-address=${address}`, '--log.level=warn'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const prometheus = new Prometheus(folder, child, `http://${address}`);
    try {
      await prometheus.until(() => prometheus.#isReady(), 'Prometheus to be ready', 20_000);
      return prometheus;
    } catch (error) {
      await prometheus[Symbol.asyncDispose]();
      throw new Error(`Prometheus did not start: ${prometheus.#log}`, { cause: error });
    }
  }

  /** Asks now and then until `condition` holds; a Prometheus that judges once a second need not be asked more often. */
  async until(condition: () => Promise<boolean>, what: string, timeoutMs: number): Promise<void> {
    const untilMs = performance.now() + timeoutMs;
    while (!(await condition())) {
      if (performance.now() > untilMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
      await pause(250);
    }
  }

  /** Alerts that are pending or firing now. */
  async alerts(): Promise<readonly ActiveAlert[]> {
    return ((await this.#get('/api/v1/alerts')) as { alerts: ActiveAlert[] }).alerts;
  }

  /** Values by their labels, as JSON. */
  async query(expression: string): Promise<readonly { readonly metric: Readonly<Record<string, string>>; readonly value: number }[]> {
    const { result } = (await this.#get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as { result: { metric: Record<string, string>; value: [number, string] }[] };
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.pid !== undefined) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    await this.#folder[Symbol.asyncDispose]();
  }

  async #isReady(): Promise<boolean> {
    if (this.#child.exitCode !== null) throw new Error(`it ended with ${this.#child.exitCode}`);
    return fetch(`${this.#url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`);
    const answer = (await response.json()) as { status: string; data: unknown; error?: string };
    if (answer.status !== 'success') throw new Error(`Prometheus: ${answer.error}`);
    return answer.data;
  }
}

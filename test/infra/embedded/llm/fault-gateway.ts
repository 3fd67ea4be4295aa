import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import type { LlmGatewayOptions } from '../../../../src/infra/embedded/llm/gateway-options.ts';
import { startLlmGateway, type LlmGateway } from '../../../../src/infra/embedded/llm/gateway.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';
import { until } from '../../../helpers/until.ts';

export interface FaultState {
  readonly id: string;
  readonly calls_seen: number;
  readonly calls_affected: number;
}

export type ResponseLine = Readonly<Record<string, unknown>> & { readonly fault: string | null; readonly run_id: string | null; readonly outcome: string; readonly status: number | null };

/** A real gateway, with the built-in model or in front of a second one, and its control API. */
export class FaultGateway implements AsyncDisposable {
  readonly gateway: LlmGateway;
  readonly client: OpenAI;
  readonly #logPath: string;
  readonly #disposables: AsyncDisposable[];

  private constructor(gateway: LlmGateway, logPath: string, disposables: AsyncDisposable[]) {
    this.gateway = gateway;
    this.client = new OpenAI({ baseURL: gateway.url, apiKey: 'key', maxRetries: 0, logLevel: 'off' });
    this.#logPath = logPath;
    this.#disposables = disposables;
  }

  static async start(options: Partial<LlmGatewayOptions> = {}, how: 'builtin' | 'forwarded' = 'builtin'): Promise<FaultGateway> {
    const folder = await tempFolder();
    const disposables: AsyncDisposable[] = [folder];
    let forward: LlmGatewayOptions['forward'];
    if (how === 'forwarded') {
      const upstream = await startLlmGateway({ seed: '7', logPath: join(folder.path, 'upstream.ndjson') });
      disposables.unshift(upstream);
      forward = { baseUrl: upstream.url };
    }
    const logPath = join(folder.path, 'log.ndjson');
    const gateway = await startLlmGateway({ logPath, seed: '7', ...(forward === undefined ? {} : { forward }), ...options });
    return new FaultGateway(gateway, logPath, [gateway, ...disposables]);
  }

  get faultsUrl(): string {
    return `http://${this.gateway.host}:${this.gateway.port}/netra/faults`;
  }

  async send(body: unknown): Promise<{ readonly status: number; readonly body: { faults: FaultState[]; removed: FaultState[]; problems: { where: string; what: string; fix: string }[]; error: { message: string } } }> {
    const response = await fetch(this.faultsUrl, { method: 'PUT', body: typeof body === 'string' ? body : JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as never };
  }

  /** Puts these faults in force and no others; throws what the gateway has against them. */
  async put(...faults: readonly object[]): Promise<{ readonly faults: FaultState[]; readonly removed: FaultState[] }> {
    const { status, body } = await this.send({ faults });
    if (status !== 200) throw new Error(body.error.message);
    return body;
  }

  async faults(): Promise<FaultState[]> {
    return ((await (await fetch(this.faultsUrl)).json()) as { faults: FaultState[] }).faults;
  }

  async affected(id: string): Promise<number | undefined> {
    return (await this.faults()).find((fault) => fault.id === id)?.calls_affected;
  }

  /** The log's response lines once there are `count` of those that fit. */
  async responses(count: number, fits: (line: ResponseLine) => boolean = () => true): Promise<ResponseLine[]> {
    let lines: ResponseLine[] = [];
    await until(async () => {
      const all = (await readFile(this.#logPath, 'utf8')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as ResponseLine);
      lines = all.filter((line) => line['type'] === 'response' && fits(line));
      return lines.length >= count;
    }, `${count} response lines`);
    return lines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const disposable of this.#disposables) await disposable[Symbol.asyncDispose]();
  }
}

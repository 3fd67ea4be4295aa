import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
  /** Resolves when the client's connection is closed, by whomever. */
  readonly closed: Promise<void>;
}

type Script = (response: ServerResponse, asked: Asked) => void | Promise<void>;

/** An OpenAI-compatible server that misbehaves as told: each request is answered by the next script, the last one stays. */
export class ScriptedLlmServer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly baseUrl: string;
  readonly #close: () => Promise<void>;
  #scripts: Script[] = [];
  modelsStatus = 200;

  private constructor(port: number, close: () => Promise<void>) {
    this.baseUrl = `http://127.0.0.1:${port}/v1`;
    this.#close = close;
  }

  static async start(): Promise<ScriptedLlmServer> {
    const server = createServer((request, response) => {
      scripted.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const scripted: ScriptedLlmServer = new ScriptedLlmServer((server.address() as { port: number }).port, async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    });
    return scripted;
  }

  answerWith(...scripts: Script[]): void {
    this.#scripts = scripts;
    this.asked.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/v1/models') {
      response.writeHead(this.modelsStatus, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}');
      return;
    }
    // One connection serves many requests, each of which listens for its end.
    request.socket.setMaxListeners(0);
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const asked: Asked = { headers: request.headers, body: JSON.parse(text) as Record<string, unknown>, closed: new Promise((resolve) => request.socket.once('close', () => resolve())) };
    this.asked.push(asked);
    const script = this.#scripts.length > 1 ? this.#scripts.shift() : this.#scripts[0];
    await script?.(response, asked);
  }
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Script =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(typeof body === 'string' ? body : JSON.stringify(body));
  };

export const answer = (text: string | null, finish_reason: string | null = 'stop', message: object = {}): object => ({
  id: 'a',
  object: 'chat.completion',
  created: 1,
  model: 'served-model',
  choices: [{ index: 0, message: { role: 'assistant', content: text, ...message }, finish_reason }],
  usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
});

export const chunk = (content: string | undefined, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model: 'served-model', choices: [{ index: 0, delta: content === undefined ? {} : { content }, finish_reason }] })}\n\n`;
export const usage = `data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model: 'served-model', choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } })}\n\n`;
export const done = 'data: [DONE]\n\n';

export type Ending = 'end' | 'reset' | 'open';

/** Sends the pieces as they stand, then ends the response, resets the connection, or leaves it open. */
export const stream =
  (pieces: readonly (string | Buffer)[], ending: Ending = 'end'): Script =>
  async (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces) {
      response.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (ending === 'end') response.end();
    if (ending === 'reset') response.socket?.resetAndDestroy();
  };

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { tempFolder } from './temp-folder.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The container engine's API over a real Unix socket, as far as a test says: each route by method and path, without its query. */
export class FakeEngine implements AsyncDisposable {
  /** `GET /info` and the like, in the order in which they came. */
  readonly calls: string[] = [];
  readonly routes = new Map<string, Handler>();
  readonly socketPath: string;
  readonly #end: () => Promise<void>;

  private constructor(socketPath: string, end: () => Promise<void>) {
    this.socketPath = socketPath;
    this.#end = end;
  }

  /** Answers pings, tells the time, and has the images named; all others are missing. */
  static async start(images: readonly string[] = []): Promise<FakeEngine> {
    const folder = await tempFolder();
    const server = createServer((request, response) => engine.#handle(request, response));
    const socketPath = join(folder.path, 'docker.sock');
    const engine: FakeEngine = new FakeEngine(socketPath, async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await folder[Symbol.asyncDispose]();
    });
    engine.on('GET /_ping', (_, response) => response.end('OK'));
    engine.on('GET /info', (_, response) => sendJson(response, 200, { SystemTime: new Date().toISOString(), OperatingSystem: 'Test Linux', ServerVersion: '99.1' }));
    engine.on('GET /containers/json', (_, response) => sendJson(response, 200, []));
    engine.on('GET /networks', (_, response) => sendJson(response, 200, []));
    for (const image of images) engine.on(`GET /images/${image}/json`, (_, response) => sendJson(response, 200, {}));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    return engine;
  }

  get environment(): Record<string, string> {
    return { DOCKER_HOST: `unix://${this.socketPath}` };
  }

  on(route: string, handler: Handler): void {
    this.routes.set(route, handler);
  }

  refuse(route: string, status: number, message: string): void {
    this.on(route, (_, response) => sendJson(response, status, { message }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end();
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const route = `${request.method} ${(request.url ?? '').split('?')[0]}`;
    this.calls.push(route);
    const handler = this.routes.get(route);
    if (handler === undefined) sendJson(response, 404, { message: `No such thing: ${route}` });
    else handler(request, response);
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

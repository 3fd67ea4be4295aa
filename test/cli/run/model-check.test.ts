import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { checkModel } from '../../../src/cli/run/model-check.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { testContext } from '../helpers.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const json = (response: ServerResponse, status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const models = (response: ServerResponse, ...ids: string[]): void => json(response, 200, { data: ids.map((id) => ({ id })) });

const refusing: Answer = (_, response) => json(response, 401, { error: { message: 'bad key' } });
const webSite: Answer = (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
const otherModels: Answer = (request, response) => (request.method === 'GET' ? models(response, 'llama3.2', 'qwen3') : json(response, 404, { error: { message: 'model not found' } }));

async function refusal(answer: Answer, environment: Record<string, string> = {}): Promise<string> {
  await using server = await serve(answer);
  const error = await checkModel(server.url, 'llama3.1', testContext({ environment })).then(
    () => undefined,
    (thrown: unknown) => thrown as Error & { code: string },
  );
  expect(error?.code).toBe('MODEL_UNREACHABLE');
  return error?.message.replace(server.url, 'URL') ?? '';
}

describe('the model at --llm-url', () => {
  it('N07 that is listed, with or without its tag, is taken; the key is sent', async () => {
    const keys: (string | undefined)[] = [];
    await using server = await serve((request, response) => {
      keys.push(request.headers.authorization);
      models(response, 'other', 'llama3.1:latest');
    });
    await checkModel(server.url, 'llama3.1', testContext({ environment: { OPENAI_API_KEY: 'k1' } }));
    await checkModel(`${server.url}/`, 'other', testContext({ environment: { NETRA_LLM_API_KEY: 'k2', OPENAI_API_KEY: 'k1' } }));
    await checkModel(server.url, 'other', testContext({ environment: { NETRA_LLM_API_KEY: '' } }));
    expect(keys).toEqual(['Bearer k1', 'Bearer k2', undefined]);
  });

  it('N07 that is not listed, or where nothing is, is asked for one word', async () => {
    for (const list of [(response: ServerResponse) => models(response, 'other'), (response: ServerResponse) => json(response, 404, { error: 'not found' })]) {
      const asked: string[] = [];
      await using server = await serve((request, response) => {
        asked.push(`${request.method} ${request.url}`);
        if (request.url === '/v1/models') list(response);
        else json(response, 200, { choices: [] });
      });
      await checkModel(server.url, 'llama3.1', testContext());
      expect(asked).toEqual(['GET /v1/models', 'POST /v1/chat/completions']);
    }
  });

  it('N07 nothing listens there', async () => {
    await using server = await serve(() => undefined);
    const { url } = server;
    await server[Symbol.asyncDispose]();
    await expect(checkModel(url, 'm', testContext())).rejects.toThrow(`--llm-url ${url} does not answer: connect ECONNREFUSED ${new URL(url).host}`);
  });

  it('N07 a black hole is given up after five seconds', async () => {
    const clock = new VirtualClock();
    const reached = Promise.withResolvers<void>();
    await using server = await serve(() => reached.resolve());
    const told = checkModel(server.url, 'm', testContext({ clock })).catch((error: unknown) => error);
    await reached.promise;
    await clock.advance(5_000);
    expect(await told).toMatchObject({ code: 'MODEL_UNREACHABLE', message: `--llm-url ${server.url} does not answer: no answer within 5 s` });
  });

  it('N07 the key is refused, or missing', async () => {
    expect(await refusal(refusing)).toBe('--llm-url URL refuses the key (401); set NETRA_LLM_API_KEY, which is not set');
    expect(await refusal(refusing, { NETRA_LLM_API_KEY: 'wrong' })).toBe('--llm-url URL refuses the key (401); set NETRA_LLM_API_KEY to one that it takes');
  });

  it('N07 a web site answers', async () => {
    expect(await refusal(webSite)).toBe('--llm-url URL answers 200 with text/html, which is no OpenAI-compatible API; its base URL usually ends in /v1');
  });

  it('N07 the model does not exist: the nearest is named', async () => {
    expect(await refusal(otherModels)).toBe("--llm-url URL does not answer for the model 'llama3.1' (404: model not found); did you mean llama3.2?");
  });

  it('N07 Ctrl-C ends the waiting', async () => {
    const reached = Promise.withResolvers<void>();
    await using server = await serve(() => reached.resolve());
    const stopping = new AbortController();
    const told = checkModel(server.url, 'm', testContext({ signal: stopping.signal })).catch((error: unknown) => error);
    await reached.promise;
    stopping.abort(new Error('interrupted by Ctrl-C'));
    expect(await told).toMatchObject({ message: 'interrupted by Ctrl-C' });
  });
});

import { afterEach, expect, test } from 'vitest';
import { ask, type HttpAnswer } from './toxiproxy-bench.ts';
import { tryConnect, unusedAddress } from './toxiproxy-sockets.ts';

const REQUEST_ID = 'x-toxiproxy-request-id';

/** Everything that is the same about all errors of the API but those of populate. */
function errorOf(answer: HttpAnswer): Record<string, unknown> {
  return {
    status: answer.status,
    type: answer.headers.get('content-type'),
    options: answer.headers.get('x-content-type-options'),
    requestId: answer.headers.get(REQUEST_ID),
    newline: answer.text.endsWith('}\n'),
    body: answer.json,
  };
}

function refusal(status: number, error: string | RegExp): Record<string, unknown> {
  return {
    status,
    type: 'text/plain; charset=utf-8',
    options: 'nosniff',
    requestId: expect.stringMatching(/^\S+$/),
    newline: true,
    // None of the texts has a character that a pattern would take otherwise but the dots of addresses.
    body: { error: expect.stringMatching(typeof error === 'string' ? new RegExp(`^${error}$`) : error), status },
  };
}

export function apiConformance(url: () => string): void {
  const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HttpAnswer> => ask(url(), method, path, body, headers);
  const create = (name: string, more: Record<string, unknown> = {}): Promise<HttpAnswer> =>
    call('POST', '/proxies', { name, listen: '127.0.0.1:0', upstream: '127.0.0.1:9', ...more });

  afterEach(async () => {
    const { json } = await call('GET', '/proxies');
    for (const name of Object.keys(json as object)) await call('DELETE', `/proxies/${encodeURIComponent(name)}`);
  });

  test('P01 GET /version is JSON with a newline, its content type written without a space', async () => {
    const answer = await call('GET', '/version');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json;charset=utf-8');
    expect(answer.text).toMatch(/^\{"version": ".+"\}\n$/);
  });

  test('P01 every routed answer has a request id of its own, an unrouted one has none', async () => {
    const ids = [await call('GET', '/version'), await call('GET', '/proxies/none')].map((answer) => answer.headers.get(REQUEST_ID));
    expect(new Set(ids).size).toBe(2);
    for (const answer of [await call('GET', '/nowhere'), await call('PUT', '/proxies')]) expect(answer.headers.has(REQUEST_ID)).toBe(false);
  });

  test('P01 a proxy is created enabled, with the port it was given, and is listed by name', async () => {
    expect((await call('GET', '/proxies')).json).toEqual({});
    const created = await create('one');
    expect(created.status).toBe(201);
    expect(created.headers.get('content-type')).toBe('application/json');
    expect(created.json).toMatchObject({ name: 'one', upstream: '127.0.0.1:9', enabled: true, toxics: [] });
    expect(created.json.listen).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    expect((await call('GET', '/proxies')).json).toEqual({ one: created.json });
    expect((await call('GET', '/proxies/one')).json).toEqual(created.json);
  });

  test('P01 a proxy created disabled does not listen until it is enabled', async () => {
    const listen = await unusedAddress();
    const created = await create('off', { listen, enabled: false });
    expect(created.json).toMatchObject({ listen, enabled: false });
    expect(await tryConnect(listen)).toBe('ECONNREFUSED');
    await call('PATCH', '/proxies/off', { enabled: true });
    expect(await tryConnect(listen)).toBe('connected');
  });

  test('P01 listen on a host name comes back as the address it stands for', async () => {
    expect((await create('named', { listen: 'localhost:0' })).json.listen).toMatch(/^(127\.0\.0\.1|\[::1\]):\d+$/);
  });

  test('P01 members are matched without regard to case and what follows the body is ignored', async () => {
    const answer = await call('POST', '/proxies', '{"NAME":"loose","Upstream":"127.0.0.1:9","listen":"127.0.0.1:0","more":[1]} and more');
    expect(answer.status).toBe(201);
    expect(answer.json.name).toBe('loose');
  });

  test.each([
    ['', /^bad request body: EOF$/],
    ['{', /^bad request body: unexpected EOF$/],
    ['nonsense', /^bad request body: invalid character/],
    ['[]', /^bad request body: json: cannot unmarshal array/],
    ['{"name":5}', /^bad request body: json: cannot unmarshal number into .*name of type string$/],
    ['{"name":"x","upstream":"u","enabled":"yes"}', /^bad request body: json: cannot unmarshal string into .*enabled of type bool$/],
    ['{"upstream":"127.0.0.1:9"}', 'missing required field: name'],
    ['{"name":"x"}', 'missing required field: upstream'],
    ['null', 'missing required field: name'],
  ])('P01 creating a proxy from %j is refused', async (body, error) => {
    expect(errorOf(await call('POST', '/proxies', body))).toEqual(refusal(400, error));
  });

  test('P01 a name taken is a conflict, a port taken or an address that is none a server error', async () => {
    const first = await create('one');
    expect(errorOf(await create('one'))).toEqual(refusal(409, 'proxy already exists'));
    expect(errorOf(await create('two', { listen: first.json.listen }))).toEqual(refusal(500, `listen tcp ${first.json.listen}: bind: address already in use`));
    expect(errorOf(await create('two', { listen: 'nothing' }))).toEqual(refusal(500, 'listen tcp: address nothing: missing port in address'));
    expect(errorOf(await create('two', { listen: '127.0.0.1:99999' }))).toEqual(refusal(500, 'listen tcp: address 99999: invalid port'));
    expect(Object.keys((await call('GET', '/proxies')).json)).toEqual(['one']);
  });

  test.each([
    ['GET', '/proxies/none'],
    ['DELETE', '/proxies/none'],
    ['PATCH', '/proxies/none'],
    ['POST', '/proxies/none'],
    ['GET', '/proxies/none/toxics'],
    ['POST', '/proxies/none/toxics'],
    ['GET', '/proxies/none/toxics/t'],
    ['DELETE', '/proxies/none/toxics/t'],
  ])('P01 %s %s is "proxy not found", whatever the body', async (method, path) => {
    expect(errorOf(await call(method, path, method === 'GET' ? undefined : '{'))).toEqual(refusal(404, 'proxy not found'));
  });

  test('P01 DELETE ends a proxy and frees its port', async () => {
    const { listen } = (await create('gone')).json;
    const answer = await call('DELETE', '/proxies/gone');
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await tryConnect(listen)).toBe('ECONNREFUSED');
    expect(errorOf(await call('GET', '/proxies/gone'))).toEqual(refusal(404, 'proxy not found'));
  });

  test.each(['POST', 'PATCH'])('P01 %s on a proxy changes what the body names, never its name', async (method) => {
    const { listen } = (await create('fixed')).json;
    const answer = await call(method, '/proxies/fixed', { name: 'other', upstream: '127.0.0.1:10' });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ name: 'fixed', listen, upstream: '127.0.0.1:10', enabled: true });
    expect(errorOf(await call(method, '/proxies/fixed', '[]'))).toEqual(refusal(400, /^bad request body: json: cannot unmarshal array/));
    expect(errorOf(await call(method, '/proxies/fixed', { listen: 'nothing' }))).toEqual(refusal(500, 'address nothing: missing port in address'));
  });

  test('P01 a proxy that was disabled comes back on the same port', async () => {
    const { listen } = (await create('back')).json;
    expect((await call('PATCH', '/proxies/back', { enabled: false })).json).toMatchObject({ listen, enabled: false });
    expect(await tryConnect(listen)).toBe('ECONNREFUSED');
    expect((await call('PATCH', '/proxies/back', { enabled: true })).json).toMatchObject({ listen, enabled: true });
    expect(await tryConnect(listen)).toBe('connected');
  });

  test('P01 a toxic is created with defaults, status 200', async () => {
    await create('p');
    const answer = await call('POST', '/proxies/p/toxics', { type: 'latency' });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ attributes: { latency: 0, jitter: 0 }, name: 'latency_downstream', type: 'latency', stream: 'downstream', toxicity: 1 });
    expect((await call('GET', '/proxies/p/toxics/latency_downstream')).json).toEqual(answer.json);
  });

  test.each([
    ['latency', { latency: 0, jitter: 0 }],
    ['bandwidth', { rate: 0 }],
    ['slow_close', { delay: 0 }],
    ['timeout', { timeout: 0 }],
    ['reset_peer', { timeout: 0 }],
    ['slicer', { average_size: 0, size_variation: 0, delay: 0 }],
    ['limit_data', { bytes: 0 }],
    ['noop', {}],
  ])('P01 %s has its attributes, all 0', async (type, attributes) => {
    await create('p');
    expect((await call('POST', '/proxies/p/toxics', { type, attributes: { unknown: 1 } })).json.attributes).toEqual(attributes);
  });

  test('P01 toxics are listed upstream first, each stream in the order of insertion', async () => {
    await create('p');
    for (const [name, stream] of [['d1', 'downstream'], ['u1', 'upstream'], ['d2', 'downstream'], ['u2', 'upstream']]) {
      await call('POST', '/proxies/p/toxics', { type: 'noop', name, stream });
    }
    expect(((await call('GET', '/proxies/p/toxics')).json as { name: string }[]).map((toxic) => toxic.name)).toEqual(['u1', 'u2', 'd1', 'd2']);
    await call('DELETE', '/proxies/p/toxics/u1');
    expect(((await call('GET', '/proxies/p')).json.toxics as { name: string }[]).map((toxic) => toxic.name)).toEqual(['u2', 'd1', 'd2']);
  });

  test('P01 the stream is taken in any case and echoed as it was written, also in the name', async () => {
    await create('p');
    expect((await call('POST', '/proxies/p/toxics', { type: 'latency', stream: 'UPSTREAM' })).json).toMatchObject({ name: 'latency_UPSTREAM', stream: 'UPSTREAM' });
  });

  test('P01 a toxic is checked for JSON, stream, type, name and attributes, in this order', async () => {
    await create('p');
    await call('POST', '/proxies/p/toxics', { type: 'noop', name: 'taken' });
    const add = (body: unknown): Promise<HttpAnswer> => call('POST', '/proxies/p/toxics', body);
    expect(errorOf(await add('{"stream":"sideways",'))).toEqual(refusal(400, /^bad request body: unexpected EOF$/));
    expect(errorOf(await add({ stream: 'sideways', type: 'nope', name: 'taken', attributes: { latency: 'x' } }))).toEqual(refusal(400, 'stream was invalid, can be either upstream or downstream'));
    expect(errorOf(await add({ type: 'nope', name: 'taken', attributes: { latency: 'x' } }))).toEqual(refusal(400, 'invalid toxic type'));
    expect(errorOf(await add({ type: 'latency', name: 'taken', attributes: { latency: 'x' } }))).toEqual(refusal(409, 'toxic already exists'));
    expect(errorOf(await add({ type: 'latency', attributes: { latency: 'x' } }))).toEqual(refusal(400, /^bad request body: json: cannot unmarshal string into .*latency of type int64$/));
    expect(errorOf(await add({ type: 'latency', attributes: { latency: 1.5 } }))).toEqual(refusal(400, /^bad request body: json: cannot unmarshal number 1\.5 into .*latency of type int64$/));
    expect((await call('GET', '/proxies/p/toxics')).json).toHaveLength(1);
  });

  test('P01 names are unique over both streams, and "down" is no toxic', async () => {
    await create('p');
    await call('POST', '/proxies/p/toxics', { type: 'noop', name: 'n', stream: 'upstream' });
    expect(errorOf(await call('POST', '/proxies/p/toxics', { type: 'latency', name: 'n' }))).toEqual(refusal(409, 'toxic already exists'));
    expect(errorOf(await call('POST', '/proxies/p/toxics', { type: 'down' }))).toEqual(refusal(400, 'invalid toxic type'));
  });

  test('P01 toxicity is not checked for its range, and is a float32', async () => {
    await create('p');
    for (const [given, shown] of [[7, 7], [-1, -1], [0, 0], [0.1, 0.1], [0.300000001, 0.3]]) {
      expect((await call('POST', '/proxies/p/toxics', { type: 'noop', name: `t${given}`, toxicity: given })).json.toxicity).toBe(shown);
    }
    expect(errorOf(await call('POST', '/proxies/p/toxics', { type: 'noop', toxicity: '1' }))).toEqual(refusal(400, /toxicity of type float32$/));
  });

  test.each(['POST', 'PATCH'])('P01 %s on a toxic changes toxicity and attributes, merging these', async (method) => {
    await create('p');
    await call('POST', '/proxies/p/toxics', { type: 'latency', name: 't', attributes: { latency: 5, jitter: 1 } });
    const answer = await call(method, '/proxies/p/toxics/t', { name: 'x', type: 'noop', stream: 'upstream', toxicity: 0.5, attributes: { jitter: 2 } });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ attributes: { latency: 5, jitter: 2 }, name: 't', type: 'latency', stream: 'downstream', toxicity: 0.5 });
    expect((await call(method, '/proxies/p/toxics/t', {})).json).toEqual(answer.json);
    expect(errorOf(await call(method, '/proxies/p/toxics/t', { attributes: { latency: true } }))).toEqual(refusal(400, /^bad request body: json: cannot unmarshal bool/));
    expect(errorOf(await call(method, '/proxies/p/toxics/none', '{'))).toEqual(refusal(404, 'toxic not found'));
  });

  test('P01 a toxic is deleted once', async () => {
    await create('p');
    await call('POST', '/proxies/p/toxics', { type: 'noop', name: 't' });
    const answer = await call('DELETE', '/proxies/p/toxics/t');
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(errorOf(await call('DELETE', '/proxies/p/toxics/t'))).toEqual(refusal(404, 'toxic not found'));
    expect(errorOf(await call('GET', '/proxies/p/toxics/t'))).toEqual(refusal(404, 'toxic not found'));
  });

  test('P01 populate creates proxies, status 201, and takes nothing but an array', async () => {
    const answer = await call('POST', '/populate', [
      { name: 'a', listen: '127.0.0.1:0', upstream: '127.0.0.1:9', toxics: [{ type: 'latency' }] },
      { name: 'b', listen: '127.0.0.1:0', upstream: '127.0.0.1:9', enabled: false },
    ]);
    expect(answer.status).toBe(201);
    expect(answer.json.proxies).toMatchObject([{ name: 'a', enabled: true, toxics: [] }, { name: 'b', enabled: false, toxics: [] }]);
    const empty = await call('POST', '/populate', []);
    expect([empty.status, empty.json]).toEqual([201, { proxies: null }]);
    const wrong = await call('POST', '/populate', { proxies: [] });
    expect(wrong.status).toBe(400);
    expect(wrong.headers.get('content-type')).toBe('application/json');
    expect(wrong.json).toMatchObject({ error: expect.stringMatching(/^bad request body: json: cannot unmarshal object/), status: 400, proxies: null });
  });

  test('P01 populate checks every entry before it creates any', async () => {
    const entry = { listen: '127.0.0.1:0', upstream: '127.0.0.1:9' };
    expect((await call('POST', '/populate', [{ name: 'a', ...entry }, entry])).json).toEqual({ error: 'missing required field: name at proxy 2', status: 400, proxies: null });
    expect((await call('POST', '/populate', [{ name: 'a' }])).json.error).toBe('missing required field: upstream at proxy 1');
    expect((await call('GET', '/proxies')).json).toEqual({});
  });

  test('P01 populate stops at a proxy that cannot start and keeps those before it', async () => {
    const upstream = '127.0.0.1:9';
    const answer = await call('POST', '/populate', [
      { name: 'a', listen: '127.0.0.1:0', upstream },
      { name: 'b', listen: 'nothing', upstream },
      { name: 'c', listen: '127.0.0.1:0', upstream },
    ]);
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json).toMatchObject({ error: 'listen tcp: address nothing: missing port in address', status: 500, proxies: [{ name: 'a' }] });
    expect(Object.keys((await call('GET', '/proxies')).json)).toEqual(['a']);
  });

  test('P01 populate leaves an unchanged proxy alone, its toxics and its enabled too, and replaces a changed one', async () => {
    const listen = await unusedAddress();
    await create('p', { listen });
    await call('POST', '/proxies/p/toxics', { type: 'noop', name: 't' });
    const same = await call('POST', '/populate', [{ name: 'p', listen, upstream: '127.0.0.1:9', enabled: false }]);
    expect(same.json.proxies).toMatchObject([{ name: 'p', enabled: true, toxics: [{ name: 't' }] }]);
    const changed = await call('POST', '/populate', [{ name: 'p', listen, upstream: '127.0.0.1:10' }]);
    expect(changed.json.proxies).toMatchObject([{ name: 'p', upstream: '127.0.0.1:10', enabled: true, toxics: [] }]);
  });

  test('P01 reset enables every proxy and removes every toxic', async () => {
    const { listen } = (await create('p')).json;
    await call('POST', '/proxies/p/toxics', { type: 'noop', stream: 'upstream' });
    await call('POST', '/proxies/p/toxics', { type: 'noop' });
    await call('PATCH', '/proxies/p', { enabled: false });
    const answer = await call('POST', '/reset');
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await call('GET', '/proxies')).json.p).toMatchObject({ listen, enabled: true, toxics: [] });
    expect(await tryConnect(listen)).toBe('connected');
  });

  test.each(['/nowhere', '/metrics', '/proxies/', '/proxies/a%2Fb'])('P01 %s is not found, in plain text', async (path) => {
    const answer = await call('GET', path);
    expect([answer.status, answer.text]).toEqual([404, '404 page not found\n']);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  test.each([['PUT', '/proxies'], ['GET', '/reset'], ['HEAD', '/proxies'], ['POST', '/version'], ['DELETE', '/populate']])('P01 %s %s is a wrong method, with no body', async (method, path) => {
    const answer = await call(method, path);
    expect([answer.status, answer.text]).toEqual([405, '']);
  });

  test('P01 browsers are kept out of what exists', async () => {
    const browser = { 'User-Agent': 'Mozilla/5.0 (X11)' };
    const answer = await call('GET', '/version', undefined, browser);
    expect([answer.status, answer.text]).toEqual([403, 'User agent not allowed\n']);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.headers.has(REQUEST_ID)).toBe(true);
    expect((await call('GET', '/nowhere', undefined, browser)).status).toBe(404);
    expect((await call('GET', '/version', undefined, { 'User-Agent': 'mozilla/5.0' })).status).toBe(200);
  });

  test('P01 names with escaped characters are found, and < > & come back escaped', async () => {
    await create('<&>');
    const answer = await call('GET', `/proxies/${encodeURIComponent('<&>')}`);
    expect(answer.json.name).toBe('<&>');
    expect(answer.text).toContain(String.raw`"\u003c\u0026\u003e"`);
  });
}

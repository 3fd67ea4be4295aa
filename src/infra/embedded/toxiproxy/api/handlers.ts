import { asError } from '../../../../core/errors.ts';
import { ApiError, invalidStream, invalidToxicType, missingField, toxicAlreadyExists } from '../error-codes.ts';
import { InstalledToxic, type Direction } from '../installed-toxic.ts';
import type { ProxyCollection, ProxyDefinition } from '../proxy-collection.ts';
import type { Proxy } from '../proxy.ts';
import { findToxic, type AnyToxic } from '../toxics/index.ts';
import { decodeStruct, memberObject, mismatch, parseBody, type DecodedStruct } from './decode.ts';
import type { GoJson } from './go-json.ts';
import { empty, json, type Reply } from './reply.ts';

/** The release whose behaviour is kept to; clients compare it. */
export const TOXIPROXY_VERSION = '2.12.0';

export interface Call {
  readonly proxies: ProxyCollection;
  readonly params: { readonly proxy?: string; readonly toxic?: string };
  readonly body: Buffer;
}

export type Handler = (call: Call) => Reply | Promise<Reply>;

const PROXY_FIELDS = { name: 'string', listen: 'string', upstream: 'string', enabled: 'bool' } as const;
const PROXY = { fields: PROXY_FIELDS, typeName: 'toxiproxy.Proxy', fieldPrefix: 'Proxy' };
const POPULATE_ENTRY_TYPE = String.raw`struct { toxiproxy.Proxy; Enabled *bool "json:\"enabled\"" }`;
const POPULATE_ENTRY = { fields: PROXY_FIELDS, typeName: POPULATE_ENTRY_TYPE, fieldPrefix: '' };
const TOXIC = {
  fields: { name: 'string', type: 'string', stream: 'string', toxicity: 'float32' },
  typeName: 'toxics.ToxicWrapper',
  fieldPrefix: 'ToxicWrapper',
} as const;
const TOXIC_UPDATE = {
  fields: { toxicity: 'float32' },
  typeName: 'struct { Attributes interface {} "json:\\"attributes\\""; Toxicity float32 "json:\\"toxicity\\"" }',
  fieldPrefix: '',
} as const;

export const version: Handler = () => ({
  status: 200,
  headers: { 'Content-Type': 'application/json;charset=utf-8' },
  body: `{"version": "${TOXIPROXY_VERSION}"}\n`,
});

export const listProxies: Handler = ({ proxies }) => json(200, Object.fromEntries(proxies.list().map((proxy) => [proxy.name, proxy])));

export const createProxy: Handler = async ({ proxies, body }) => {
  const input = decodeStruct(parseBody(body), PROXY);
  return json(201, await proxies.create(checkDefinition(input, '')));
};

export const showProxy: Handler = (call) => json(200, proxyOf(call));

export const updateProxy: Handler = async (call) => {
  const proxy = proxyOf(call);
  const { listen, upstream, enabled } = decodeStruct(parseBody(call.body), PROXY);
  const current = proxy.settings;
  await call.proxies.update(proxy.name, { listen: listen ?? current.listen, upstream: upstream ?? current.upstream, enabled: enabled ?? current.enabled });
  return json(200, proxy);
};

export const deleteProxy: Handler = async (call) => {
  await call.proxies.remove(proxyOf(call).name);
  return empty(204);
};

export const reset: Handler = async ({ proxies }) => {
  await proxies.reset();
  return empty(204);
};

/** Unlike every other error, one of populate is JSON by its header too, and tells what was done before it. */
export const populate: Handler = async ({ proxies, body }) => {
  const done: Proxy[] = [];
  const answer = (status: number, members: Record<string, unknown>): Reply => json(status, { ...members, proxies: done.length > 0 ? done : null });
  try {
    await proxies.populate(decodePopulate(parseBody(body)), (proxy) => done.push(proxy));
    return answer(201, {});
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 500;
    return answer(status, { error: asError(error).message, status });
  }
};

export const listToxics: Handler = (call) => json(200, proxyOf(call).toxics.list());

/** Checks in Toxiproxy's order: JSON, stream, type, duplicate name, attributes. */
export const createToxic: Handler = (call) => {
  const proxy = proxyOf(call);
  const value = parseBody(call.body);
  const { name, type = '', stream = 'downstream', toxicity = 1 } = decodeStruct(value, TOXIC);
  const attributes = memberObject(value, 'attributes', 'ToxicWrapper.attributes of type toxics.NoopToxic');
  const direction = stream.toLowerCase();
  if (direction !== 'upstream' && direction !== 'downstream') throw invalidStream();
  const toxic = findToxic(type);
  if (toxic === undefined) throw invalidToxicType();
  const installed = new InstalledToxic({
    name: name === undefined || name === '' ? `${type}_${stream}` : name,
    toxic,
    stream,
    direction: direction satisfies Direction,
    toxicity,
    attributes: {},
  });
  if (proxy.toxics.has(installed.name)) throw toxicAlreadyExists();
  installed.attributes = mergeAttributes(toxic, {}, attributes);
  proxy.toxics.add(installed);
  return json(200, installed);
};

export const showToxic: Handler = (call) => json(200, toxicOf(call));

/** Nothing is changed where any part of the body is wrong. */
export const updateToxic: Handler = (call) => {
  const installed = toxicOf(call);
  const value = parseBody(call.body);
  const { toxicity = installed.toxicity } = decodeStruct(value, TOXIC_UPDATE);
  const attributes = memberObject(value, 'attributes', `.attributes of type toxics.${goName(installed.toxic)}`);
  proxyOf(call).toxics.update(installed, { toxicity, attributes: mergeAttributes(installed.toxic, installed.attributes, attributes) });
  return json(200, installed);
};

export const deleteToxic: Handler = (call) => {
  proxyOf(call).toxics.remove(toxicOf(call).name);
  return empty(204);
};

/** Not part of Toxiproxy: proof of what went through proxies and toxics. */
export const stats: Handler = ({ proxies }) => json(200, { proxies: proxies.list().map((proxy) => proxy.stats()) });

function proxyOf(call: Call): Proxy {
  return call.proxies.get(call.params.proxy ?? '');
}

function toxicOf(call: Call): InstalledToxic {
  return proxyOf(call).toxics.get(call.params.toxic ?? '');
}

function decodePopulate(value: GoJson): ProxyDefinition[] {
  if (value.kind === 'null') return [];
  if (value.kind !== 'array') throw mismatch(value, `Go value of type []${POPULATE_ENTRY_TYPE}`);
  const inputs = value.items.map((item) => decodeStruct(item, POPULATE_ENTRY));
  return inputs.map((input, index) => checkDefinition(input, ` at proxy ${index + 1}`));
}

function checkDefinition(input: DecodedStruct<typeof PROXY_FIELDS>, where: string): ProxyDefinition {
  const { name = '', listen = '', upstream = '', enabled = true } = input;
  if (name === '') throw missingField(`name${where}`);
  if (upstream === '') throw missingField(`upstream${where}`);
  return { name, listen, upstream, enabled };
}

function mergeAttributes(toxic: AnyToxic, current: Readonly<Record<string, number>>, given: GoJson | undefined): Record<string, number> {
  const names = Object.keys(toxic.attributes);
  const decoded = given === undefined ? {} : decodeStruct(given, { fields: toxic.attributes as Record<string, 'int64'>, typeName: goName(toxic), fieldPrefix: `${goName(toxic)}.attributes` });
  return Object.fromEntries(names.map((name) => [name, decoded[name] ?? current[name] ?? 0]));
}

/** Toxiproxy's Go type for a toxic, which its error texts show: `slow_close` is SlowCloseToxic. */
function goName(toxic: AnyToxic): string {
  const words = toxic.type === 'reset_peer' ? ['reset'] : toxic.type.split('_');
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Toxic`;
}

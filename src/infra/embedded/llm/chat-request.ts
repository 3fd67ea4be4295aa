import { ApiError, invalidRequest } from './api-error.ts';

export type JsonSchema = { readonly [keyword: string]: unknown };

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | { readonly type: 'json_schema'; readonly name: string; readonly schema: JsonSchema };

export interface ChatMessage {
  readonly role: string;
  /** Text parts joined; other parts (images, audio) are left out. */
  readonly content: string;
}

/** The part of `POST /v1/chat/completions` that this gateway acts on; every other member is let through. */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly maxTokens: number | undefined;
  readonly responseFormat: ResponseFormat;
  readonly seed: number | undefined;
  readonly user: string | undefined;
}

const roles = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

/** Throws ApiError 400, worded and typed as OpenAI does, on the first thing wrong. */
export function parseChatRequest(raw: string): ChatRequest {
  const body = parseObject(raw);
  const { model, messages } = body;
  if (typeof model !== 'string' || model === '') throw invalidRequest('you must provide a model parameter', 'model');
  if (!Array.isArray(messages)) throw invalidRequest("Missing required parameter: 'messages'.", 'messages', 'missing_required_parameter');
  if (messages.length === 0) throw invalidRequest("Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", 'messages', 'empty_array');
  if (body['n'] !== undefined && body['n'] !== null && body['n'] !== 1) throw invalidRequest("Unsupported value: 'n' must be 1.", 'n', 'unsupported_value');
  const parsed = messages.map((message, index) => parseMessage(message, index));
  const responseFormat = parseResponseFormat(body['response_format']);
  if (responseFormat.type === 'json_object' && !parsed.some(({ content }) => /json/i.test(content))) {
    throw invalidRequest("'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.", 'messages');
  }
  const streamOptions = body['stream_options'];
  return {
    model,
    messages: parsed,
    stream: optional(body, 'stream', 'boolean') ?? false,
    includeUsage: isObject(streamOptions) && streamOptions['include_usage'] === true,
    maxTokens: positiveInteger(body, 'max_completion_tokens') ?? positiveInteger(body, 'max_tokens'),
    responseFormat,
    seed: optional(body, 'seed', 'number'),
    user: optional(body, 'user', 'string'),
  };
}

function parseObject(raw: string): Record<string, unknown> {
  let body: unknown;
  try {
    body = JSON.parse(raw);
  } catch (error) {
    throw new ApiError(400, 'invalid_request_error', 'We could not parse the JSON body of your request. The body must be valid JSON.', { cause: error });
  }
  if (!isObject(body)) throw invalidRequest('Invalid body: expected a JSON object.');
  return body;
}

function parseMessage(message: unknown, index: number): ChatMessage {
  const place = `messages[${index}]`;
  if (!isObject(message)) throw invalidRequest(`Invalid type for '${place}': expected an object.`, place, 'invalid_type');
  const { role, content } = message;
  if (typeof role !== 'string' || !roles.has(role)) {
    throw invalidRequest(`Invalid value: '${String(role)}'. Supported values are: ${[...roles].map((name) => `'${name}'`).join(', ')}.`, `${place}.role`, 'invalid_value');
  }
  if (typeof content === 'string') return { role, content };
  if (Array.isArray(content)) {
    const texts = content.filter((part) => isObject(part)).map((part) => part['text']);
    return { role, content: texts.filter((text) => typeof text === 'string').join('') };
  }
  // An assistant message that only calls tools has no content.
  if (role === 'assistant' && (content === null || content === undefined)) return { role, content: '' };
  throw invalidRequest(`Invalid type for '${place}.content': expected one of a string or array of objects.`, `${place}.content`, 'invalid_type');
}

function parseResponseFormat(format: unknown): ResponseFormat {
  if (format === undefined || format === null) return { type: 'text' };
  const type = isObject(format) ? format['type'] : undefined;
  if (!isObject(format) || (type !== 'text' && type !== 'json_object' && type !== 'json_schema')) {
    throw invalidRequest(`Invalid value: '${String(type)}'. Supported values are: 'json_object', 'json_schema', and 'text'.`, 'response_format.type', 'invalid_value');
  }
  if (type !== 'json_schema') return { type };
  const definition = format['json_schema'];
  if (!isObject(definition) || typeof definition['name'] !== 'string') {
    throw invalidRequest("Missing required parameter: 'response_format.json_schema.name'.", 'response_format.json_schema.name', 'missing_required_parameter');
  }
  if (!isObject(definition['schema'])) {
    throw invalidRequest("Missing required parameter: 'response_format.json_schema.schema'.", 'response_format.json_schema.schema', 'missing_required_parameter');
  }
  return { type, name: definition['name'], schema: definition['schema'] };
}

interface Primitives {
  readonly boolean: boolean;
  readonly number: number;
  readonly string: string;
}

function optional<Kind extends keyof Primitives>(body: Record<string, unknown>, name: string, kind: Kind): Primitives[Kind] | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== kind) throw invalidRequest(`Invalid type for '${name}': expected a ${kind}.`, name, 'invalid_type');
  return value as Primitives[Kind];
}

function positiveInteger(body: Record<string, unknown>, name: string): number | undefined {
  const value = optional(body, name, 'number');
  if (value !== undefined && (!Number.isInteger(value) || value < 1)) {
    throw invalidRequest(`Invalid '${name}': integer below minimum value. Expected a value >= 1, but got ${value} instead.`, name, 'integer_below_min_value');
  }
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

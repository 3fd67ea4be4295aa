import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { documentPath } from '../../scripts/api-contracts.ts';

interface MediaType {
  readonly schema: object;
}
export interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly headers?: object; readonly content?: Readonly<Record<string, MediaType>> }>>;
}
export interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<'get' | 'post', Operation | undefined>>>>;
  readonly components: { readonly responses: Readonly<Record<string, Operation['responses'][string]>>; readonly schemas: Readonly<Record<string, object>> };
}

/** An answer as a client has it. */
export interface Observed {
  readonly method: string;
  readonly path: string;
  readonly sent?: unknown;
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

const pointer = (...keys: readonly string[]): string => keys.map((key) => `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');

/** docs/api_contracts.yaml, held against what hosts really answer. */
export class ApiContract {
  readonly document: ApiDocument;
  /** `GET /health 200`, as provoked so far. */
  readonly seen = new Set<string>();
  // Formats beside the patterns that the program's schemas have for them would say nothing more.
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });

  private constructor(document: ApiDocument) {
    this.document = document;
    this.#ajv.addSchema(document, 'api');
  }

  static async load(): Promise<ApiContract> {
    return new ApiContract(parse(await readFile(documentPath, 'utf8')) as ApiDocument);
  }

  /** What is wrong with an answer by the document; empty where nothing is. */
  check({ method, path, sent, status, headers, body }: Observed): string[] {
    const verb = method.toLowerCase() as 'get' | 'post';
    const templates = this.#templates(verb, path);
    if (templates.length === 0) return [`${method} ${path} is in no path of the document`];
    return templates.flatMap((template) => {
      const problems: string[] = [];
      const operation = this.document.paths[template]?.[verb] as Operation;
      this.seen.add(`${method} ${template} ${status}`);
      const given = operation.responses[String(status)];
      if (given === undefined) return [`${method} ${template} has no answer ${status}: ${JSON.stringify(body)}`];
      const name = given.$ref?.split('/').at(-1);
      const response = name === undefined ? given : this.document.components.responses[name];
      if (response?.headers !== undefined && !/^[\x21-\x7e]{1,200}$/.test(headers.get('x-correlation-id') ?? '')) problems.push('no correlation id');
      const type = headers.get('content-type')?.split(';')[0] ?? '';
      if (response?.content?.[type] === undefined) problems.push(`${type} is no documented type of ${status}`);
      const at = name === undefined ? pointer('paths', template, verb, 'responses', String(status), 'content', type, 'schema') : pointer('components', 'responses', name, 'content', type, 'schema');
      problems.push(...this.errors(at, body));
      if (status < 300 && sent !== undefined) problems.push(...this.errors(pointer('paths', template, verb, 'requestBody', 'content', 'application/json', 'schema'), sent).map((error) => `accepted, but the request: ${error}`));
      return problems.map((problem) => `${method} ${template} ${status}: ${problem}`);
    });
  }

  /** @param at JSON pointer to a schema in the document */
  errors(at: string, value: unknown): string[] {
    const validate = this.#ajv.compile({ $ref: `api#${at}` });
    return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  }

  /** The path that is meant, and the general one that it is a case of; as in OpenAPI, a literal path goes before one with parameters. */
  #templates(verb: 'get' | 'post', path: string): string[] {
    const parts = path.split('?')[0]?.split('/') ?? [];
    return Object.keys(this.document.paths).filter((template) => {
      const pattern = template.split('/');
      return this.document.paths[template]?.[verb] !== undefined && pattern.length === parts.length && pattern.every((segment, index) => segment.startsWith('{') || segment === parts[index]);
    });
  }
}

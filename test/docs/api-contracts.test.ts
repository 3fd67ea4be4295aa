import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentPath, renderApiContracts } from '../../scripts/api-contracts.ts';
import { hostErrorCodes } from '../../scripts/api-contracts/error-statuses.ts';
import { fleetActions, fleetAgents } from '../../scripts/api-contracts/fleet-actions.ts';
import { loadAreas } from '../../scripts/error-codes.ts';
import { statusOfCode } from '../../src/fleet/host/http-server.ts';
import { hostRoutes } from '../../src/fleet/host/routes/index.ts';
import { ApiContract } from '../helpers/api-contract.ts';

let contract: ApiContract;
beforeAll(async () => {
  contract = await ApiContract.load();
});

describe('docs/api_contracts.yaml', () => {
  it('D13 is what the program says: run `node scripts/api-contracts.ts` where this fails', async () => {
    expect(await readFile(documentPath, 'utf8')).toBe(renderApiContracts());
  });

  it('D13 is a valid OpenAPI 3.1 document, and the validator finds planted mistakes', async () => {
    const validator = new Validator();
    expect(await validator.validate(await readFile(documentPath, 'utf8'))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    type Tree = Record<string, Record<string, Record<string, unknown>>>;
    const spoils: readonly ((document: Tree) => void)[] = [
      (document) => delete document['info'],
      (document) => Object.assign(document['paths']?.['/health'] ?? {}, { get: { respones: {} } }),
      (document) => Object.assign(document['components']?.['securitySchemes'] ?? {}, { bearerToken: { type: 'bearer' } }),
    ];
    for (const spoil of spoils) {
      const spoilt = parse(await readFile(documentPath, 'utf8')) as Tree;
      spoil(spoilt);
      expect((await new Validator().validate(spoilt)).valid).toBe(false);
    }
  });

  it('D13 every reference leads somewhere', async () => {
    const text = await readFile(documentPath, 'utf8');
    const components = contract.document.components as unknown as Record<string, Record<string, unknown>>;
    const references = [...new Set(text.matchAll(/\$ref: "?#\/components\/(\w+)\/(\w+)/g).map(([, kind, name]) => `${kind}/${name}`))];
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter((reference) => components[reference.split('/')[0] ?? '']?.[reference.split('/')[1] ?? ''] === undefined)).toEqual([]);
  });

  it('D13 every route that a host of any role serves is in it, and it promises no other', () => {
    const health = (role: string): never => ({ agents: { names: () => fleetAgents.filter((agent) => agent.role === role).map(({ agent }) => agent) } }) as never;
    const served = new Set(['business', 'control', 'reporting'].flatMap((role) => hostRoutes(health(role), undefined as never, undefined as never).map(({ method, path }) => `${method} ${path}`)));
    const documented = Object.entries(contract.document.paths).flatMap(([path, item]) => (['get', 'post'] as const).flatMap((verb) => (item[verb] === undefined ? [] : [{ path, route: `${verb.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '*')}` }])));
    expect([...served].filter((route) => !documented.some((entry) => entry.route === route))).toEqual([]);
    const actions = fleetActions.map(({ agent, action }) => `/agents/${agent}/${action}`);
    // The WebSocket is no route: it is served on the upgrade.
    expect(documented.filter(({ path, route }) => !served.has(route) && !actions.includes(path)).map(({ route }) => route)).toEqual(['GET /events']);
    expect(actions.filter((path) => contract.document.paths[path]?.post === undefined)).toEqual([]);
  });

  it('D13 open routes ask for no token, all others do', () => {
    const routes = hostRoutes({ agents: { names: () => ['supervisor'] } } as never, undefined as never, undefined as never);
    for (const { method, path, open } of routes) {
      const template = Object.keys(contract.document.paths).find((candidate) => candidate.replaceAll(/\{\w+\}/g, '*') === path) ?? '';
      const operation = contract.document.paths[template]?.[method.toLowerCase() as 'get' | 'post'];
      expect([path, operation?.security?.length === 0]).toEqual([path, open === true]);
      expect([path, operation?.responses['401'] === undefined]).toEqual([path, open === true]);
    }
  });

  it('R11 N02 the error body has every code that a host can answer with, each under its status', async () => {
    const schema = JSON.stringify(contract.document.components.schemas['ErrorBody']);
    const ofFleet = (await loadAreas()).filter(({ folder }) => /^(?:core|reliability|fleet)/.test(folder)).flatMap(({ codes }) => Object.keys(codes));
    expect(ofFleet.length).toBeGreaterThan(40);
    expect(ofFleet.filter((code) => !schema.includes(`"${code}"`))).toEqual([]);
    expect(Object.keys(statusOfCode).filter((code) => !hostErrorCodes.includes(code))).toEqual([]);
    for (const [code, status] of Object.entries(statusOfCode)) expect(JSON.stringify(contract.document.components.responses[`Error${status}`])).toContain(`"${code}"`);
    expect(contract.errors('/components/responses/Error404/content/application~1json/schema', { error: { code: 'READ_ONLY', message: 'm', severity: 'high', recovery: 'retry', correlation_id: 'c' } })).not.toEqual([]);
    expect(contract.errors('/components/responses/Error503/content/application~1json/schema', { error: { code: 'READ_ONLY', message: 'm', severity: 'high', recovery: 'retry', correlation_id: 'c' } })).toEqual([]);
  });

  it('N06 a breaker’s state, a level or a member that is none is refused by the schemas', () => {
    const at = '/components/schemas/Breakers';
    expect(contract.errors(at, { llm: 'half-open', kafka: 'closed' })).toEqual([]);
    expect(contract.errors(at, { llm: 'broken' })).not.toEqual([]);
    expect(contract.errors('/components/schemas/Alive', { status: 'ok', agent: 'a', more: 1 })).not.toEqual([]);
  });
});

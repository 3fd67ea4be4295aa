import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { businessAgents } from '../../../../src/fleet/agents/business/index.ts';
import type { Dataset } from '../../../../src/fleet/data/dataset.ts';
import { displayValue } from '../../../../src/fleet/data/display.ts';
import { loadDataset } from '../../../../src/fleet/data/load-dataset.ts';
import { businessTables, tableNames } from '../../../../src/fleet/data/tables/index.ts';
import { readGoodDataset, sqliteWith } from '../../../helpers/business-data.ts';
import { PgliteDatabase } from '../../../helpers/pglite-database.ts';
import type { SqliteDatabase } from '../../../helpers/sqlite-database.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const year = { from: '2025-01-01', to: '2025-12-31' };
let dataset: Dataset;
let sqlite: SqliteDatabase;
beforeAll(async () => {
  dataset = await readGoodDataset();
  sqlite = await sqliteWith(dataset);
});
afterAll(() => sqlite[Symbol.dispose]());

test('F05 there are fifteen agents in four tiers, each with topics, tables and questions of its own', () => {
  const tiers = Map.groupBy(businessAgents, ({ tier }) => tier);
  expect([1, 2, 3, 4].map((tier) => tiers.get(tier as 1)?.map(({ name }) => name))).toEqual([
    ['order', 'product', 'payment', 'transport', 'documents'],
    ['inventory', 'warehouse', 'customer'],
    ['marketplace', 'aftersales', 'quality'],
    ['backoffice', 'knowledge', 'fraud', 'risk'],
  ]);
  for (const agent of businessAgents) {
    expect(agent.topics.length).toBeGreaterThan(3);
    expect(agent.questions.length).toBeGreaterThan(0);
    expect(new Set<string>(agent.tables)).toEqual(new Set(businessTables.filter(({ owner }) => owner === agent.name).map(({ name }) => name)));
  }
  const owned = businessAgents.flatMap(({ tables }) => tables as readonly string[]);
  expect([...owned, 'fx_rates'].toSorted()).toEqual(tableNames.toSorted());
  const actions = businessAgents.flatMap(({ questions }) => questions.map(({ name }) => name));
  expect(new Set(actions).size).toBe(actions.length);
});

describe.each(businessAgents.map((agent) => [agent.name, agent] as const))('%s', (name, agent) => {
  test('F05 tells five facts and more of a year, each written as reports write it', async () => {
    const sheet = await agent.facts(sqlite, year);
    expect(sheet).toMatchObject({ agent: name, period: year, missing: [] });
    expect(sheet.asOf).toMatch(/^202\d-\d{2}-\d{2}$/);
    expect(sheet.facts.length).toBeGreaterThanOrEqual(5);
    expect(new Set(sheet.facts.map(({ id }) => id)).size).toBe(sheet.facts.length);
    for (const { id, value, unit, currency, display, agent: teller } of sheet.facts) {
      expect({ id, teller, currency }).toEqual({ id: expect.stringMatching(new RegExp(`^${name}\\.[a-z_]+$`)), teller: name, currency: unit === 'money' ? 'EUR' : undefined });
      expect(display).toBe(displayValue(value, unit, currency));
      expect({ id, exact: typeof value === 'string' || Number.isSafeInteger(value) }).toEqual({ id, exact: true });
    }
  });

  test('F05 reads its own tables only', async () => {
    sqlite.statements.length = 0;
    await agent.facts(sqlite, year);
    const read = new Set(sqlite.statements.flatMap((sql) => [...sql.matchAll(/\b(?:FROM|JOIN)\s+(\w+)/g)].map((match) => match[1])));
    read.delete('netra_dataset_gaps');
    expect(read).toEqual(new Set<string>(agent.tables));
  });

  test('D05 tells of absent tables what is missing, and no zero', async () => {
    using database = await sqliteWith({ ...dataset, version: 'none', tables: new Map(), missingTables: [...tableNames] });
    const sheet = await agent.facts(database, year);
    expect(sheet.facts).toEqual([]);
    expect(sheet.asOf).toBe('');
    expect(sheet.missing.toSorted()).toEqual(expect.arrayContaining([`${agent.tables[0]}: table absent`]));
    expect(sheet.missing.every((note) => note.endsWith(': table absent'))).toBe(true);
  });

  test('D05 says of a period that the data does not reach that nothing is known, and states no zero', async () => {
    const sheet = await agent.facts(sqlite, { from: '2031-01-01', to: '2031-12-31' });
    const told = sheet.missing.map((note) => /^(\w+): nothing from 2031-01-01 to 2031-12-31, its rows are of 202\d-\d{2}-\d{2} to 202\d-\d{2}-\d{2}$/.exec(note)?.[1]);
    expect(new Set(told)).toEqual(new Set(businessTables.filter(({ owner, holds }) => owner === name && holds === 'events').map((table) => table.name)));
    // Nobody joined in 2031 is a fact of the list of people, which is no list of events.
    const zeros = sheet.facts.filter(({ id, value }) => value === 0 && !/\.(?:new|staff_joined|new_articles)$/.test(id));
    expect(zeros).toEqual([]);
  });

  test('D05 states counts of an empty stretch within the data, and nothing that would be undefined', async () => {
    using database = await sqliteWith(dataset);
    for (const table of businessTables) if (table.owner === name && table.holds === 'events') await database.query(`DELETE FROM ${table.name} WHERE ${table.dated} BETWEEN $1 AND $2`, ['2025-03-01', '2025-03-31']);
    const sheet = await agent.facts(database, { from: '2025-03-01', to: '2025-03-31' });
    expect(sheet.missing).toEqual([]);
    const state = await agent.facts(database, { from: '2031-01-01', to: '2031-12-31' });
    const standing = new Set(state.facts.map(({ id }) => id));
    for (const { id, unit, value } of sheet.facts.filter((fact) => !standing.has(fact.id))) expect({ id, unit, value }).toEqual({ id, unit: 'count', value: 0 });
  });
});

test('F05 PostgreSQL and SQLite give the same fact sheets', async () => {
  await using postgres = await PgliteDatabase.create();
  await loadDataset(postgres, dataset);
  for (const period of [year, { from: '2025-02-01', to: '2025-02-28' }, { from: '2025-12-24', to: '2026-01-31' }, { from: '1999-01-01', to: '1999-01-01' }]) {
    for (const agent of businessAgents) expect(await agent.facts(postgres, period)).toEqual(await agent.facts(sqlite, period));
  }
});

test('D05 an empty table, an empty column and an absent column are told apart', async () => {
  await using folder = await tempFolder({
    'orders.csv': 'order_id,customer_id,ordered_on,total,currency,channel\nO-1,C-1,2025-01-05,10.00,EUR,\nO-2,C-1,2025-02-05,20.00,USD,\n',
    'order_lines.csv': 'line_id,order_id,product_id,ordered_on,quantity,unit_price,line_total,currency\n',
  });
  using database = await sqliteWith(await readGoodDataset(folder.path));
  const sheet = await businessAgents[0].facts(database, year);
  expect(sheet.missing).toEqual([
    'orders.total: 1 amounts left out, no exchange rate to EUR for their day',
    'orders.status: column absent',
    'orders.channel: column empty',
    'orders.country: column absent',
    'order_lines: table empty',
    'orders.recorded_at: column absent',
  ]);
  expect(sheet.facts.map(({ id, display }) => `${id} ${display}`)).toEqual(['order.count 2', 'order.revenue_total 10.00 EUR', 'order.average_value 5.00 EUR']);
  expect(sheet.asOf).toBe('2025-02-05');
});

test('N07 a deadline’s signal reaches every query', async () => {
  for (const agent of businessAgents) await expect(agent.facts(sqlite, year, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
});

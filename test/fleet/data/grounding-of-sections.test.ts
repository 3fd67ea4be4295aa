import { expect, test } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { businessAgents } from '../../../src/fleet/agents/business/index.ts';
import { groundText } from '../../../src/fleet/data/grounding.ts';
import { readBrief, sectionNames } from '../../../src/infra/embedded/llm/builtin/brief.ts';
import { composeSection } from '../../../src/infra/embedded/llm/builtin/section.ts';
import { readGoodDataset, sqliteWith } from '../../helpers/business-data.ts';

test('N07 what the built-in model writes from the facts of fifteen agents is grounded, and not without them', async () => {
  using database = await sqliteWith(await readGoodDataset());
  const question = 'How did the top 10 products sell, and what of returns?';
  const missing = ['orders.total: 38 amounts left out, no exchange rate to EUR for their day', 'payments: table absent'];
  for (const period of [{ from: '2025-01-01', to: '2025-12-31' }, { from: '2025-11-01', to: '2025-11-30' }]) {
    const sheets = await Promise.all(businessAgents.map((agent) => agent.facts(database, period)));
    const facts = sheets.flatMap((sheet) => sheet.facts);
    for (const section of sectionNames) {
      for (let seed = 0; seed < 10; seed++) {
        const brief = { ...readBrief([]), section, question, period, facts, missing };
        const { heading, paragraphs, items } = composeSection(brief, createRng(seed));
        const text = [heading, ...paragraphs, ...items].join('\n');
        expect(groundText(text, facts, { period, question, texts: missing }).ungrounded).toEqual([]);
        expect(groundText(text, [], { period, question, texts: missing }).grounded).toBe(false);
      }
    }
  }
});

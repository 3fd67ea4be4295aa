import { z } from 'zod';
import { defineBusinessAgent, defineQuestion } from './define-business-agent.ts';
import { requireRows, select } from './records.ts';

interface Article {
  readonly article_id: string;
  readonly title: string;
  readonly language: string | null;
  readonly body: string;
}

/** Letters and digits without accents and case: `Rückgabe` and `ruckgabe` are one word. */
function words(text: string): string[] {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function occurs(list: readonly string[], word: string): boolean {
  return list.some((other) => other.startsWith(word));
}

/** How many of the words occur; those of the title count threefold. Words are matched by their beginning. */
function relevance(article: Article, sought: readonly string[]): number {
  const [title, body] = [words(article.title), words(article.body)];
  return sought.reduce((sum, word) => sum + (occurs(title, word) ? 3 : 0) + (occurs(body, word) ? 1 : 0), 0);
}

const articleSearch = defineQuestion({
  name: 'article_search',
  summary: 'Help pages that fit a question, best first',
  input: z.object({ query: z.string().min(1).max(500), language: z.string().optional(), limit: z.number().int().min(1).max(20).default(5) }),
  output: z.object({ articles: z.array(z.object({ article_id: z.string(), title: z.string(), language: z.string().nullable(), body: z.string(), relevance: z.number().int() })) }),
  async handle({ query, language, limit }, context) {
    await requireRows(context, 'articles');
    const articles = await select<Article>(context, 'SELECT article_id, title, language, body FROM articles ORDER BY article_id');
    // Short words are articles and prepositions, and occur everywhere.
    const sought = [...new Set(words(query).filter((word) => word.length > 2))];
    const found = articles
      .filter((article) => language === undefined || article.language === language)
      .map((article) => ({ ...article, relevance: relevance(article, sought) }))
      .filter((article) => article.relevance > 0)
      .toSorted((a, b) => b.relevance - a.relevance || (a.article_id < b.article_id ? -1 : 1));
    return { articles: found.slice(0, limit) };
  },
});

export const knowledgeAgent = defineBusinessAgent({
  name: 'knowledge',
  tier: 4,
  summary: 'Help pages: what there is, what is read, what helps',
  topics: ['knowledge', 'help', 'faq', 'documentation', 'guide', 'answer'],
  tables: ['articles'],
  facts: [
    {
      needs: ['articles'],
      async compute(collector) {
        const row = await collector.totals<{ all: number; fresh: number }>(
          'SELECT COUNT(*) AS "all", COUNT(*) FILTER (WHERE published_on >= $1) AS fresh FROM articles WHERE published_on <= $2',
        );
        collector.count('articles', 'Help pages published by the end of the period', row.all);
        collector.count('new_articles', 'Help pages published in the period', row.fresh);
      },
    },
    {
      needs: ['articles.reviewed_on'],
      async compute(collector) {
        const [row] = await collector.query<{ stale: number }>('SELECT COUNT(*) AS stale FROM articles WHERE published_on <= $1 AND reviewed_on IS NULL', collector.period.to);
        collector.count('never_reviewed', 'Help pages never reviewed', row?.stale);
      },
    },
    {
      needs: ['articles.views'],
      async compute(collector) {
        const [sum] = await collector.query<{ views: number | null }>('SELECT CAST(SUM(views) AS BIGINT) AS views FROM articles');
        const [best] = await collector.query<{ name: string; value: number }>('SELECT title AS name, views AS value FROM articles WHERE views IS NOT NULL ORDER BY views DESC, article_id LIMIT 1');
        collector.count('views', 'Views of all help pages so far', sum?.views);
        collector.top('most_read', 'Help page read most', best, { name: 'views', label: 'Views of the help page read most', unit: 'count' });
      },
    },
    {
      needs: ['articles.helpful_votes', 'articles.unhelpful_votes'],
      async compute(collector) {
        const [row] = await collector.query<{ helpful: number | null; votes: number | null }>(
          `SELECT CAST(SUM(helpful_votes) AS BIGINT) AS helpful, CAST(SUM(helpful_votes + unhelpful_votes) AS BIGINT) AS votes
           FROM articles WHERE helpful_votes IS NOT NULL AND unhelpful_votes IS NOT NULL`,
        );
        collector.share('helpful_share', 'Share of votes that call a page helpful', row?.helpful, row?.votes);
      },
    },
  ],
  questions: [articleSearch],
});

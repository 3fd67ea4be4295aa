import { date, defineTable, key, optionalDate, optionalInteger, optionalText, text } from '../table.ts';

export const articles = defineTable({
  name: 'articles',
  owner: 'knowledge',
  summary: 'Help pages',
  holds: 'state',
  key: 'article_id',
  dated: 'published_on',
  columns: {
    article_id: key,
    title: text,
    topic: optionalText,
    language: optionalText,
    published_on: date,
    reviewed_on: optionalDate,
    views: optionalInteger(0, 1_000_000_000),
    helpful_votes: optionalInteger(0, 1_000_000_000),
    unhelpful_votes: optionalInteger(0, 1_000_000_000),
    body: text,
  },
});

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEADLINE_HEADER } from '../src/core/deadline.ts';
import { replyTopic, replyTopicDefinition, requestTopic, requestTopicDefinition } from '../src/fleet/agents/messages.ts';
import { CORRELATION_HEADER } from '../src/fleet/connectors/bus/incoming.ts';
import { deadLetterTopic, type TopicDefinition } from '../src/fleet/connectors/bus/topics.ts';
import { defaultWorkPartitions, jobTopicDefinitions, jobTopics } from '../src/fleet/jobs/messages.ts';
import { jsonSchema } from './api-contracts/fleet-actions.ts';

/**
 * Writes `docs/schemas/*.schema.json`, one for each kind of Kafka message, from the schemas that hosts validate by:
 * `node scripts/message-schemas.ts`. With `--check` it writes nothing and exits with 1 where a file is out of date.
 */
export const schemaFolder = join(import.meta.dirname, '..', 'docs', 'schemas');

type Schema = Readonly<Record<string, unknown>>;

const callKey: Schema = { type: 'string', minLength: 1, description: 'The call id.' };
const runKey: Schema = { type: 'string', minLength: 1, description: 'The run id of the job: messages of one job stay in order.' };
const noKey: Schema = { type: 'null', description: 'Spread over all partitions, for whichever host is free.' };
const anyKey: Schema = { type: ['string', 'null'], description: 'As it was.' };

const correlation: Schema = { type: 'string', minLength: 1, description: 'Correlation id of the job or request that it belongs to.' };
const deadline: Schema = { type: 'string', pattern: '^[0-9]+$', description: 'Milliseconds since the Unix epoch by which the answer is of use.' };

/** A name of a topic as a pattern; `*` stands for what differs. A dead letter topic is none of the topic that it stands beside. */
const topicPattern = (name: string): string => `^${name.endsWith('*') ? '(?!.*\\.dead-letter$)' : ''}${name.replaceAll('.', '\\.').replace('*', '[A-Za-z0-9._-]+')}$`;

interface Message {
  readonly topic: string;
  readonly summary: string;
  readonly partitions: number | undefined;
  readonly key: Schema;
  readonly headers: Readonly<Record<string, Schema>>;
  readonly requiredHeaders: readonly string[];
  readonly value: Schema;
}

function defined({ name, summary, partitions, schema }: TopicDefinition, key: Schema): Message {
  return { topic: name, summary, partitions, key, headers: { [CORRELATION_HEADER]: correlation, [DEADLINE_HEADER]: deadline }, requiredHeaders: [CORRELATION_HEADER], value: jsonSchema(schema, 'input') as Schema };
}

const keyOf: Readonly<Record<string, Schema>> = { [jobTopics.requests]: runKey, [jobTopics.work]: noKey, [jobTopics.results]: runKey };

const deadLetter: Message = {
  topic: deadLetterTopic('*'),
  summary: 'What no consumer could read, beside its topic, as it came',
  partitions: undefined,
  key: anyKey,
  headers: {
    [CORRELATION_HEADER]: correlation,
    'x-dead-letter-reason': { type: 'string', minLength: 1, description: 'Why it could not be read.' },
    'x-dead-letter-source': { type: 'string', pattern: '^.+/[0-9]+/[0-9]+$', description: '`<topic>/<partition>/<offset>`.' },
    'x-dead-letter-group': { type: 'string', minLength: 1, description: 'The consumer group that put it aside.' },
  },
  requiredHeaders: [CORRELATION_HEADER, 'x-dead-letter-reason', 'x-dead-letter-source', 'x-dead-letter-group'],
  value: { description: 'Anything; a value that is no JSON is given here as a string.' },
};

const messages: readonly Message[] = [
  ...jobTopicDefinitions(defaultWorkPartitions).map((topic) => defined(topic, keyOf[topic.name] ?? anyKey)),
  { ...defined(requestTopicDefinition('*'), callKey), topic: requestTopic('*'), summary: 'A question to one agent' },
  { ...defined(replyTopicDefinition(replyTopic('*')), callKey), summary: 'Answers to one host' },
  deadLetter,
];

/** The files by name, with what is to be in them. */
export function renderMessageSchemas(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    messages.map(({ topic, summary, partitions, key, headers, requiredHeaders, value }) => {
      const name = `${topic.replace('*.', '').replace('.*', '')}.schema.json`;
      const schema = {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: name,
        $comment: 'Written by `node scripts/message-schemas.ts` from the program; change that.',
        title: `Messages of the topic ${topic.replace('*', topic.startsWith('*') ? '<topic>' : '<name>')}`,
        description: `${summary}.${partitions === undefined ? '' : ` Partitions: ${partitions}.`} The value travels as JSON in UTF-8, headers as text.`,
        type: 'object',
        required: ['topic', 'key', 'headers', 'value'],
        properties: {
          topic: { type: 'string', pattern: topicPattern(topic) },
          key,
          headers: { type: 'object', required: requiredHeaders, properties: headers, additionalProperties: { type: 'string' } },
          value,
        },
        additionalProperties: false,
      };
      return [name, `${JSON.stringify(schema, undefined, 2)}\n`];
    }),
  );
}

if (import.meta.main) {
  const wanted = renderMessageSchemas();
  await mkdir(schemaFolder, { recursive: true });
  const there = await readdir(schemaFolder);
  if (process.argv.includes('--check')) {
    const stale = [...there.filter((name) => !(name in wanted)), ...(await Promise.all(Object.entries(wanted).map(async ([name, text]) => (there.includes(name) && (await readFile(join(schemaFolder, name), 'utf8')) === text ? [] : [name])))).flat()];
    if (stale.length > 0) {
      console.error(`docs/schemas is out of date (${stale.join(', ')}): run \`node scripts/message-schemas.ts\``);
      process.exitCode = 1;
    }
  } else {
    for (const name of there.filter((old) => !(old in wanted))) await rm(join(schemaFolder, name));
    for (const [name, text] of Object.entries(wanted)) await writeFile(join(schemaFolder, name), text);
  }
}

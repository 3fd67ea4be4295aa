import { z } from 'zod';
import { Problems, type Problem } from '../../../../core/problems.ts';
import { suggest } from '../../../../core/suggestion.ts';
import { isObject } from '../chat-request.ts';
import { llmFaultKinds } from '../faults/index.ts';
import type { FaultOrder } from './board.ts';
import { matchSchema } from './match.ts';
import { exactlyOneMember, ONE_TRIGGER, triggerSchema } from './trigger.ts';

const common = {
  id: z.string().min(1).max(200),
  trigger: triggerSchema.refine(exactlyOneMember, { error: ONE_TRIGGER }).default({ always: true }),
  match: matchSchema.default({}),
  seed: z.string().optional(),
};

/** Reads the body of `PUT /netra/faults`; with every problem at once, and nothing else, where it is not right. */
export function parseFaults(text: string): { readonly orders: readonly FaultOrder[] } | { readonly problems: readonly Problem[] } {
  const problems = new Problems();
  const entries = readEntries(text, problems);
  const orders = entries.map((entry, index) => readFault(entry, `faults[${index}]`, problems)).filter((order) => order !== undefined);
  const ids = entries.map((entry) => (isObject(entry) ? entry['id'] : undefined));
  for (const [index, id] of ids.entries()) {
    if (typeof id === 'string' && ids.indexOf(id) < index) problems.add(`faults[${index}].id`, `is the same as that of faults[${ids.indexOf(id)}]: "${id}"`, 'give each fault an id of its own');
  }
  return problems.any ? { problems: problems.list } : { orders };
}

function readEntries(text: string, problems: Problems): readonly unknown[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    problems.add('body', `is not JSON: ${(error as Error).message}`, 'send {"faults": [...]}');
    return [];
  }
  const faults = isObject(body) ? body['faults'] : undefined;
  if (!Array.isArray(faults)) {
    problems.add('body', 'has no list "faults"', 'send {"faults": [...]}; an empty list takes every fault back');
    return [];
  }
  for (const key of Object.keys(body as object)) if (key !== 'faults') problems.add('body', `"${key}" means nothing here`, 'leave it out');
  return faults;
}

function readFault(entry: unknown, where: string, problems: Problems): FaultOrder | undefined {
  const type = isObject(entry) ? entry['type'] : undefined;
  const kind = llmFaultKinds.find((known) => known.type === type);
  if (!isObject(entry) || kind === undefined) {
    const known = llmFaultKinds.map((each) => each.type);
    if (typeof type === 'string') problems.add(`${where}.type`, `"${type}" is no fault`, suggest(type, known, `known: ${known.join(', ')}`));
    else problems.add(where, 'names no type', `add "type": one of ${known.join(', ')}`);
    return undefined;
  }
  const { type: _type, ...members } = entry;
  const schema = (kind.parameters as z.ZodObject).extend(common);
  const read = schema.safeParse(members);
  if (!read.success) {
    for (const issue of read.error.issues) addIssue(issue, where, Object.keys(schema.shape), problems);
    return undefined;
  }
  const { id, trigger, match, seed, ...parameters } = read.data as z.output<z.ZodObject<typeof common>>;
  return { id, type: kind.type, sent: entry, trigger, match, seed, install: () => kind.install(parameters) };
}

function addIssue(issue: z.core.$ZodIssue, where: string, members: readonly string[], problems: Problems): void {
  const path = issue.path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${String(part)}`), where);
  if (issue.code === 'unrecognized_keys') {
    const known = issue.path.length === 0 ? ['type', ...members] : undefined;
    for (const key of issue.keys) problems.add(`${path}.${key}`, 'means nothing here', known === undefined ? 'leave it out' : suggest(key, known, `known: ${known.join(', ')}`));
    return;
  }
  const [what, fix] = issue.message.split('; ', 2);
  problems.add(path, what as string, fix ?? 'mend it');
}

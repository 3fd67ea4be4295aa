/** Topic settings that a client may give or ask for, as text. */
export type TopicConfig = ReadonlyMap<string, string>;

interface TopicConfigRule {
  readonly default: string;
  readonly accepts: (value: string) => boolean;
}

const integerFrom =
  (lowest: number) =>
  (value: string): boolean =>
    /^-?\d{1,18}$/.test(value) && Number(value) >= lowest;

/**
 * `max.message.bytes` and `retention.bytes` are carried out. `retention.ms` and `segment.*` only bound from below how
 * long Kafka keeps records, which keeping them longer fulfils. A policy that would have to remove records by key is refused.
 */
const topicConfigRules: Readonly<Record<string, TopicConfigRule>> = {
  'cleanup.policy': { default: 'delete', accepts: (value) => value === 'delete' },
  'compression.type': { default: 'producer', accepts: (value) => value === 'producer' },
  'max.message.bytes': { default: '1048588', accepts: integerFrom(0) },
  'message.timestamp.type': { default: 'CreateTime', accepts: (value) => value === 'CreateTime' },
  'min.insync.replicas': { default: '1', accepts: (value) => value === '1' },
  'retention.bytes': { default: '-1', accepts: integerFrom(-1) },
  'retention.ms': { default: '604800000', accepts: integerFrom(-1) },
  'segment.bytes': { default: '1073741824', accepts: integerFrom(14) },
  'segment.ms': { default: '604800000', accepts: integerFrom(1) },
};

export const topicConfigNames: readonly string[] = Object.keys(topicConfigRules);

/** What is wrong with a setting; undefined where nothing is. */
export function topicConfigProblem(name: string, value: string | null): string | undefined {
  const rule = topicConfigRules[name];
  if (rule === undefined) return `topic setting ${name} is unknown; known are ${topicConfigNames.join(', ')}`;
  if (value === null || !rule.accepts(value)) return `topic setting ${name} cannot be ${JSON.stringify(value)} here; the default is ${rule.default}`;
  return undefined;
}

export function topicConfigDefault(name: string): string {
  return topicConfigRules[name]?.default ?? '';
}

export function numericTopicConfig(config: TopicConfig, name: 'max.message.bytes' | 'retention.bytes'): number {
  return Number(config.get(name) ?? topicConfigDefault(name));
}

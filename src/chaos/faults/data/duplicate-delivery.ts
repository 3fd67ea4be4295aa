import { z } from 'zod';
import { defineFault } from '../fault.ts';
import { directKafka, nameInCluster, publish, readTopic, type StoredMessage } from './direct-kafka.ts';

export const duplicateDelivery = defineFault({
  type: 'duplicate-delivery',
  family: 'data',
  summary: 'The message of a job is delivered again, as Kafka may do at any time',
  targets: ['kafka'],
  momentary: true,
  parameters: z.strictObject({
    topic: z.string().min(1).default('report.work').describe('report.requests (the job) or report.work (the job with its data)'),
    job: z.int().min(1).optional().describe('Which job, from 1; default: drawn from those on the topic'),
    times: z.int().min(1).max(100).default(1).describe('How often again'),
  }),
  async inject({ infra, clock, jobIds, rng, name }, _target, { topic, job, times }, signal) {
    const kafka = directKafka(infra);
    const stored = await readTopic(kafka, nameInCluster(infra, topic), nameInCluster(infra, `netra-lab-${name}`), clock, signal);
    const byJob = new Map(stored.flatMap((message) => jobsOf(message).map((jobId) => [jobId, message] as const)));
    const candidates = jobIds().filter((jobId, index) => byJob.has(jobId) && (job === undefined || index === job - 1));
    if (candidates.length === 0) throw new Error(`${topic} holds no message of ${job === undefined ? 'any job' : `job ${job}`}; begin the fault after checkpoint.saved`);
    const message = byJob.get(rng.pick(candidates));
    if (message !== undefined) await publish(kafka, Array.from({ length: times }, () => message), signal);
    return { heal: async () => undefined, affected: async () => ({ unit: 'messages', count: times }) };
  },
});

const jobMessage = z.union([z.object({ run_id: z.string() }).transform(({ run_id }) => run_id), z.object({ request: z.object({ run_id: z.string() }) }).transform(({ request }) => request.run_id)]);

/** The job that a message is about, by its key or by its value. */
function jobsOf({ key, value }: StoredMessage): string[] {
  if (key !== null) return [key.toString('utf8')];
  try {
    const parsed = jobMessage.safeParse(JSON.parse(value?.toString('utf8') ?? ''));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return []; // A poisoned message is about no job.
  }
}

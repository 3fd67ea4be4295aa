import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allowed } from './one-stack-allowed.ts';
import { scanForSecondStack, scanSource } from './source-scan.ts';

const src = join(import.meta.dirname, '..', '..', 'src');

describe('one reliability stack', () => {
  test('R01 no second retry loop, breaker or retry configuration in src', () => {
    const findings = scanForSecondStack(src).filter(({ file, rule }) => !allowed.some((entry) => entry.file === file && entry.rule === rule));
    expect(findings.map(({ file, line, rule, text }) => `src/${file}:${line}: ${rule}: ${text}`)).toEqual([]);
  });

  test('R01 every exception is still needed and gives its reason', () => {
    const findings = scanForSecondStack(src);
    for (const { file, rule, why } of allowed) {
      expect(findings.some((finding) => finding.file === file && finding.rule === rule), `${file}: ${rule}`).toBe(true);
      expect(why.length).toBeGreaterThan(20);
    }
  });

  test.each(['class ReliabilityManager', 'class RetryHandler', 'class CircuitBreaker', 'interface RetryConfig'])('R01 there is exactly one %s', (declaration) => {
    const files = readdirSync(src, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
    const holders = files.filter((entry) => new RegExp(`\\b${declaration}\\b`).test(readFileSync(join(entry.parentPath, entry.name), 'utf8')));
    expect(holders).toHaveLength(1);
  });
});

const planted: readonly (readonly [string, string, string])[] = [
  ['a counting loop', 'retry loop', 'async function f() { for (let attempt = 1; attempt <= 3; attempt++) { try { return await g(); } catch (error) { last = error; } } }'],
  ['a loop that waits and goes on', 'retry loop', 'while (true) { try { return await connect(); } catch { await clock.sleep(delayMs, signal); } }'],
  ['a do loop', 'retry loop', 'let tries = 0; do { try { return await g(); } catch { tries++; } } while (tries < 5);'],
  ['a loop in a method, behind text that looks like code', 'retry loop', 'const s = "}"; /* } */ const r = /[}"]/; class A { async m() { for (const retry of [1, 2]) { await g().catch(() => undefined); try { return h(); } catch {} } } }'],
  ['hand-made exponential backoff', 'backoff arithmetic', 'clock.setTimer(100 * 2 ** failures, () => reconnect());'],
  ['a retry configuration', 'retry or breaker type', 'export interface AgentRetryOptions { readonly times: number }'],
  ['a breaker', 'retry or breaker type', 'class RedisBreaker { failures = 0; }'],
  ['a breaker policy as a type', 'retry or breaker type', 'type LlmCircuitBreakerSettings = { threshold: number };'],
  ['a retry library', 'retry library', "import pRetry from 'p-retry';"],
  ['retries of the OpenAI client', 'client retries', 'new OpenAI({ maxRetries: 2 })'],
  ['retries of kafkajs', 'client retries', 'new Kafka({ retry: { retries: 8 } })'],
  ['reconnection of ioredis', 'client retries', 'new Redis({ retryStrategy: (times) => Math.min(times * 50, 2000) })'],
];

const innocent = [
  'for (const row of rows) { try { parse(row); } catch (error) { problems.push(error); } }',
  'new OpenAI({ maxRetries: 0 }); new Kafka({ retry: { retries: 0 } }); new Redis({ maxRetriesPerRequest: null, retryStrategy: () => null });',
  "await reliability.executeSafely(() => query(sql), 'database.query', { retry: { maxAttempts: maxRetries } });",
  '// a retry loop: for (attempt…) { try {} catch {} }',
  'const text = "while (true) { try { } catch { sleep(1) } }";',
  'for (let page = 0; page < pages; page++) { await clock.sleep(10); }',
].join('\n');

describe('the scan itself', () => {
  test.each(planted)('R01 finds %s', (_what, rule, source) => {
    expect(scanSource('fleet/x.ts', source).map((finding) => finding.rule)).toContain(rule);
  });

  test('R01 lets pass what only looks like it', () => {
    expect(scanSource('fleet/x.ts', innocent)).toEqual([]);
  });

  test('R01 a violation planted in a copy of the tree is found with its file and line; the stack itself is not', () => {
    const root = mkdtempSync(join(tmpdir(), 'one-stack-'));
    try {
      const write = (file: string, text: string): void => {
        mkdirSync(dirname(join(root, file)), { recursive: true });
        writeFileSync(join(root, file), text);
      };
      write('reliability/call.ts', planted[0]?.[2] ?? '');
      write('fleet/connectors/redis.ts', `export const a = 1;\n\n${planted[1]?.[2]}\n`);
      write('fleet/clean.ts', innocent);
      expect(scanForSecondStack(root)).toMatchObject([{ file: 'fleet/connectors/redis.ts', line: 3, rule: 'retry loop' }]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

import { expect, it } from 'vitest';
import { json, jsonText } from '../../src/reporters/json.ts';
import { hostile, hostileScenario, reportOf } from './sample-report.ts';

it.each(hostile)('P04 JSON with %j is read back as it was, on one line or indented', (text) => {
  const report = reportOf(hostileScenario(text));
  expect(JSON.parse(json.render(report)[0]?.text ?? '')).toEqual(report);
  expect(JSON.parse(jsonText(report))).toEqual(report);
  expect(jsonText(report)).not.toContain('\n');
});

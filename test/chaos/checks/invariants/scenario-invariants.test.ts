import { describe, expect, it } from 'vitest';
import type { Invariant } from '../../../../src/chaos/checks/check.ts';
import { breakerTransitions } from '../../../../src/chaos/checks/invariants/breaker-transitions.ts';
import { invariants, plainInvariants } from '../../../../src/chaos/checks/invariants/index.ts';
import { levelConsistent } from '../../../../src/chaos/checks/invariants/level-consistent.ts';
import { levelRecovers } from '../../../../src/chaos/checks/invariants/level-recovers.ts';
import { noSectionPaidTwice } from '../../../../src/chaos/checks/invariants/no-section-paid-twice.ts';
import { noStaleWriter } from '../../../../src/chaos/checks/invariants/no-stale-writer.ts';
import { nothingLeftBehind } from '../../../../src/chaos/checks/invariants/nothing-left-behind.ts';
import { openBreakerRefuses } from '../../../../src/chaos/checks/invariants/open-breaker-refuses.ts';
import { userIsolation } from '../../../../src/chaos/checks/invariants/user-isolation.ts';
import type { VerdictStatus } from '../../../../src/journal/events.ts';
import { journal, startMs, type JournalBuilder } from '../journal-builder.ts';

const resumed = (job: string, token: number, atMs: number) => ({ type: 'checkpoint.resumed', host: 'reporting-2', job_id: `r-${job}`, sections: ['summary'], fencing_token: token, age_seconds: 1, host_at: startMs + atMs }) as const;

type Case = [VerdictStatus, string, JournalBuilder];
const one = (): JournalBuilder => journal().host('reporting-1');

function judges(requirement: string, invariant: Invariant, cases: readonly Case[]): void {
  it.each(cases)(`${requirement} ${invariant.name}: %s where %s`, (status, _why, built) => {
    expect(invariant.judge(built.events)).toMatchObject({ status });
  });
}

describe('invariants of scenarios', () => {
  it('P02 every invariant has a name of its own, and none of them passes where nothing is known', () => {
    expect(new Set(invariants.map(({ name }) => name)).size).toBe(invariants.length);
    expect(invariants.map((each) => [each.name, each.judge([]).status])).toEqual(invariants.map(({ name }) => [name, 'unknown']));
    expect(plainInvariants.every((each) => (invariants as readonly Invariant[]).includes(each))).toBe(true);
  });

  judges('P02', userIsolation, [
    ['pass', 'everything is of the user who asked', one().accept('a').saved('a', 'summary').report('a').stored('a').called('a', 'summary', { user_id: 'user-a' })],
    ['fail', "a stored report is another user's", one().accept('a').report('a').stored('a', { user_id: 'user-b' })],
    ['fail', 'a report names another user', one().accept('a').report('a').stored('a', { document_user_id: 'user-b' })],
    ['fail', 'the model was asked on behalf of another user', one().accept('a').report('a').stored('a').called('a', 'summary', { user_id: 'user-b' })],
    ['fail', 'a checkpoint was saved for another user', one().accept('a').saved('a', 'summary', { user_id: 'user-b' })],
    ['unknown', 'a report was not read in the database', one().accept('a').accept('b').report('a').report('b').stored('a')],
    ['unknown', 'there is no report', one().accept('a')],
  ]);

  const paid = (): JournalBuilder => one().accept('a').at(100).called('a', 'summary').at(200).saved('a', 'summary');
  judges('C06', noSectionPaidTwice, [
    ['pass', 'each section is asked for once', paid()],
    ['pass', 'it was asked for twice before it was acknowledged', one().accept('a').at(100).called('a', 'summary').at(150).called('a', 'summary').at(200).saved('a', 'summary')],
    ['pass', 'the later call is of another section', paid().at(300).called('a', 'actions')],
    ['pass', 'the later call is for another job', paid().accept('b').at(300).called('b', 'summary')],
    ['fail', 'the same attempt asks again', paid().at(300).called('a', 'summary')],
    ['fail', 'the next attempt asks again', paid().at(300).called('a', 'summary', { attempt: 2 })],
    ['fail', 'nobody knows the attempt that asks again', paid().at(300).called('a', 'summary', { attempt: null })],
    ['pass', 'an attempt that was paused asks again', one().accept('a').at(200).saved('a', 'summary', { fencing_token: 2 }).at(300).called('a', 'summary', { attempt: 1 })],
    ['pass', 'the checkpoint was found damaged', paid().at(250).rejected('a', 'summary', 'damaged').at(300).called('a', 'summary', { attempt: 2 })],
    ['fail', 'the checkpoint of another section was found damaged', paid().at(250).rejected('a', 'actions', 'damaged').at(300).called('a', 'summary', { attempt: 2 })],
    ['fail', 'it was found damaged only after the call', paid().at(300).called('a', 'summary', { attempt: 2 }).at(350).rejected('a', 'summary', 'damaged')],
    ['pass', 'Redis was out of reach for the next attempt', paid().at(250).inject('down@1', 'redis').at(300).called('a', 'summary', { attempt: 2 })],
    ['fail', 'Redis was out of reach, but the same attempt had the section', paid().at(250).inject('down@1', 'redis').at(300).called('a', 'summary')],
    ['pass', 'Redis was out of reach for a new process of the host, which has the same token', paid().at(250).exit('reporting-1', false).inject('down@1', 'redis').host('reporting-1', 2).at(300).called('a', 'summary')],
    ['fail', 'a new process of the host asks again under the same token', paid().at(250).exit('reporting-1', false).host('reporting-1', 2).at(300).called('a', 'summary')],
    ['pass', 'the checkpoint was taken away', paid().at(250).inject('checkpoint-lost@1', '').heal('checkpoint-lost@1').at(300).called('a', 'summary', { attempt: 2 })],
    ['fail', 'Redis was out of reach before the checkpoint only', one().accept('a').at(50).inject('down@1', 'redis').at(90).heal('down@1').at(200).saved('a', 'summary').at(300).called('a', 'summary', { attempt: 2 })],
    ['fail', 'something else was out of reach', paid().at(250).inject('down@1', 'kafka').at(300).called('a', 'summary', { attempt: 2 })],
    ['unknown', 'no call is known', one().accept('a').saved('a', 'summary')],
  ]);

  judges('C08', noStaleWriter, [
    ['pass', 'tokens only grow', one().at(10).saved('a', 'summary').at(20).saved('a', 'actions', { fencing_token: 2 })],
    ['fail', 'a lower token is written after a higher one', one().at(10).saved('a', 'summary', { fencing_token: 2 }).at(20).saved('a', 'summary')],
    ['fail', 'it is written for another section of the job', one().at(10).saved('a', 'summary', { fencing_token: 2 }).at(20).saved('a', 'actions')],
    ['pass', 'it is another job', one().at(10).saved('a', 'summary', { fencing_token: 2 }).at(20).saved('b', 'summary')],
    ['pass', 'the write began before and was told of later', one().at(10).saved('a', 'summary', { fencing_token: 2 }).at(500).saved('a', 'actions', { duration_ms: 495 })],
    ['fail', 'a lower token is written after a job was resumed under a higher one', one().at(10).saved('a', 'summary').at(20).add(resumed('a', 2, 20)).at(30).saved('a', 'actions')],
    ['pass', 'a job was resumed under a higher token while a write was under way', one().at(20).add(resumed('a', 2, 20)).at(30).saved('a', 'actions', { duration_ms: 15 })],
    ['pass', 'a stale writer was refused', one().at(10).saved('a', 'summary', { fencing_token: 2 }).at(20).rejected('a', 'summary', 'stale_writer')],
    ['unknown', 'no host was heard', one()],
  ]);

  judges('R06', breakerTransitions, [
    ['pass', 'it opens, probes, and closes', one().breaker('closed', 'open').breaker('open', 'half-open').breaker('half-open', 'closed')],
    ['pass', 'a failed probe opens it again', one().breaker('closed', 'open').breaker('open', 'half-open').breaker('half-open', 'open')],
    ['pass', 'it is isolated by hand', one().breaker('closed', 'isolated').breaker('isolated', 'closed')],
    ['fail', 'it closes without a probe', one().breaker('closed', 'open').breaker('open', 'closed')],
    ['pass', "the service's own probe was answered", one().breaker('closed', 'open', 'redis').breaker('open', 'closed', 'redis')],
    ['fail', 'it is half-open out of nothing', one().breaker('closed', 'half-open')],
    ['fail', 'isolation ends open', one().breaker('closed', 'isolated').breaker('isolated', 'open')],
    ['fail', 'it leaves a state in which it was not', one().breaker('closed', 'open').breaker('closed', 'open')],
    ['fail', 'the first transition is not from closed', one().breaker('open', 'half-open')],
    ['fail', 'a state is unknown', one().breaker('closed', 'ajar')],
    ['pass', 'two hosts have one each', one().host('reporting-2').breaker('closed', 'open').breaker('closed', 'open', 'llm', 'reporting-2')],
    ['pass', 'a new process of the host begins closed', one().breaker('closed', 'open').exit('reporting-1', false).host('reporting-1', 2).breaker('closed', 'open')],
    ['pass', 'events were lost in between', one().breaker('closed', 'open').add({ type: 'infra.warning', service: 'reporting-1', message: '3 events were lost' }).breaker('closed', 'open')],
    ['pass', 'no breaker changed', one().level(0, 1)],
    ['unknown', 'no host was heard', one()],
  ]);

  const open = (): JournalBuilder => one().at(1_000).breaker('closed', 'open');
  judges('R06', openBreakerRefuses, [
    ['pass', 'no call comes while it is open', open().at(6_000).breaker('open', 'half-open').at(6_010).called('a', 's').at(6_100).breaker('half-open', 'closed').at(6_200).called('a', 's')],
    ['fail', 'a call comes while it is open', open().at(3_000).called('a', 's').at(6_000).breaker('open', 'half-open')],
    ['fail', 'a call comes while it is open to the end', open().at(3_000).called('a', 's').at(9_000).exit('reporting-1')],
    ['fail', 'a call comes while it is isolated', one().at(1_000).breaker('closed', 'isolated').at(3_000).called('a', 's').at(6_000).breaker('isolated', 'closed')],
    ['pass', 'the call was under way when it opened', open().at(1_200).called('a', 's').at(6_000).exit('reporting-1')],
    ['pass', 'the call came before', one().at(900).called('a', 's').at(1_000).breaker('closed', 'open').at(9_000).exit('reporting-1')],
    ['pass', 'the call is from another host', open().at(3_000).called('a', 's', { host: 'reporting-2' }).at(6_000).breaker('open', 'half-open')],
    ['pass', 'it is the breaker of something else', one().at(1_000).breaker('closed', 'open', 'redis').at(3_000).called('a', 's')],
    ['pass', 'the host was started anew meanwhile', open().at(2_000).exit('reporting-1', false).at(2_500).host('reporting-1', 2).at(3_000).called('a', 's').at(9_000).exit('reporting-1')],
    ['pass', 'the network kept the call back', one().at(0).inject('latency@1', 'llm', { latency: 2_500, jitter: 0 }).at(1_000).breaker('closed', 'open').at(3_000).called('a', 's').at(6_000).heal('latency@1').exit('reporting-1')],
    ['fail', 'the network kept the call back for a shorter time', one().at(0).inject('latency@1', 'llm', { latency: 400, jitter: 100 }).at(1_000).breaker('closed', 'open').at(3_000).called('a', 's').at(6_000).heal('latency@1').exit('reporting-1')],
    ['fail', 'the fault is one of the model, not of the network', one().at(0).inject('llm-overloaded@1', 'llm').at(1_000).breaker('closed', 'open').at(3_000).called('a', 's').at(6_000).heal('llm-overloaded@1').exit('reporting-1')],
    ['pass', 'probes go one after the other', open().at(6_000).breaker('open', 'half-open').at(6_010).called('a', 's', { duration_ms: 40 }).at(6_060).called('b', 's').at(6_200).breaker('half-open', 'closed')],
    ['fail', 'two probes go at the same time', open().at(6_000).breaker('open', 'half-open').at(6_010).called('a', 's', { duration_ms: 400 }).at(6_020).called('b', 's', { duration_ms: 400 }).at(6_500).breaker('half-open', 'closed')],
    ['fail', 'the first of two probes was never answered', open().at(6_000).breaker('open', 'half-open').at(6_010).called('a', 's', { outcome: 'unanswered', duration_ms: 0 }).at(7_000).called('b', 's').at(8_000).breaker('half-open', 'closed')],
    ['pass', 'no breaker opened', one().at(10).level(0, 1).called('a', 's')],
    ['unknown', 'it opened and no call is known', open()],
    ['unknown', 'no host was heard', one().called('a', 's')],
  ]);

  judges('F08', levelConsistent, [
    ['pass', 'PostgreSQL alone is level 1', one().dependency('postgres', false).level(0, 1).at(5_000).dependency('postgres', true).level(1, 0).at(9_000).exit('reporting-1')],
    ['pass', 'Kafka alone is level 2', one().dependency('kafka', false).level(0, 2).at(9_000).exit('reporting-1')],
    ['pass', 'two are level 3', one().dependency('redis', false).at(1).dependency('llm', false).level(0, 3).at(9_000).exit('reporting-1')],
    ['pass', 'both databases gone are level 4', one().dependency('postgres', false).level(0, 4).at(9_000).exit('reporting-1')],
    ['pass', 'Redis alone changes nothing', one().dependency('redis', false).at(9_000).exit('reporting-1')],
    ['fail', 'Kafka alone is called level 1', one().dependency('kafka', false).level(0, 1).at(9_000).exit('reporting-1')],
    ['fail', 'Kafka alone is called level 4', one().dependency('kafka', false).level(0, 4).at(9_000).exit('reporting-1')],
    ['fail', 'the level does not follow', one().dependency('kafka', false).at(9_000).exit('reporting-1')],
    ['fail', 'the level does not come back', one().dependency('kafka', false).level(0, 2).at(5_000).dependency('kafka', true).at(9_000).exit('reporting-1')],
    ['pass', 'it follows a little later', one().dependency('kafka', false).at(900).level(0, 2).at(9_000).exit('reporting-1')],
    ['fail', 'it follows too late', one().dependency('kafka', false).at(1_100).level(0, 2).at(9_000).exit('reporting-1')],
    ['fail', 'it leaves a level at which it was not', one().dependency('kafka', false).level(1, 2)],
    ['pass', 'a new process of the host begins at level 0', one().dependency('kafka', false).level(0, 2).at(10).exit('reporting-1', false).host('reporting-1', 2).dependency('postgres', false).level(0, 1).at(9_000).exit('reporting-1')],
    ['unknown', 'events were lost', one().dependency('kafka', false).add({ type: 'infra.warning', service: 'reporting-1', message: 'lost' }).at(9_000).exit('reporting-1')],
    ['unknown', 'no host was heard', one()],
  ]);

  const degraded = (): JournalBuilder => one().level(0, 2).at(1_000).inject('down@1', 'kafka').at(2_000).heal('down@1');
  judges('P02', levelRecovers, [
    ['pass', 'it is back in time', degraded().at(20_000).level(2, 0)],
    ['fail', 'it is back too late', degraded().at(40_000).level(2, 0)],
    ['fail', 'it is not back after that time', degraded().at(40_000).exit('reporting-1')],
    ['unknown', 'the run ended before that time', degraded().at(10_000).exit('reporting-1')],
    ['pass', 'the level never left 0', one().inject('down@1', 'redis').heal('down@1')],
    ['pass', 'the host was started anew', degraded().at(3_000).exit('reporting-1', false).at(4_000).host('reporting-1', 2).at(90_000).exit('reporting-1')],
    ['fail', 'it is back and gone again', degraded().at(3_000).level(2, 0).at(4_000).level(0, 1).at(90_000).exit('reporting-1')],
    ['unknown', 'nothing was taken back', one().level(0, 2)],
  ]);

  const sought = { type: 'leftover.sought', kinds: ['group', 'key', 'process', 'proxy'] } as const;
  const expiring = { type: 'leftover.found', kind: 'key', name: 'k', job_id: 'r-a', expires_in_ms: 5_000 } as const;
  judges('P02', nothingLeftBehind, [
    ['pass', 'everything was looked through', journal().add(sought)],
    ['fail', 'something was found', journal().add({ type: 'leftover.found', kind: 'key', name: 'k' }, sought)],
    ['fail', 'something was found and not everything looked through', journal().add({ type: 'leftover.found', kind: 'key', name: 'k' })],
    ['pass', 'a checkpoint is left to its time to live, since Redis was away when its job was done', journal().at(10).inject('down@1', 'redis').at(20).accept('a').report('a').at(30).heal('down@1').add(expiring, sought)],
    ['fail', 'Redis was there when the job was done', journal().at(10).inject('down@1', 'redis').at(30).heal('down@1').at(9_000).accept('a').report('a').add(expiring, sought)],
    ['fail', 'something else was away', journal().at(10).inject('down@1', 'kafka').at(20).accept('a').report('a').add(expiring, sought)],
    ['fail', 'it has no time to live', journal().at(10).inject('down@1', 'redis').at(20).accept('a').report('a').add({ ...expiring, expires_in_ms: null }, sought)],
    ['unknown', 'groups were not looked for', journal().add({ type: 'leftover.sought', kinds: ['key', 'process', 'proxy'] })],
  ]);

  it('P02 a failing invariant names the lines that show it', () => {
    const built = one().accept('a').at(200).saved('a', 'summary').at(300).called('a', 'summary', { attempt: 2 });
    expect(noSectionPaidTwice.judge(built.events).evidence).toEqual(['seq 6: summary of r-a, acknowledged at seq 5']);
  });
});

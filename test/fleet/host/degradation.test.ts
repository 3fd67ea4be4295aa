import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Emitter } from '../../../src/core/emitter.ts';
import type { DependencyState } from '../../../src/fleet/connectors/call.ts';
import { degradationLevel, DegradationMonitor, degradationLevels, type Dependency, type DependencySnapshot, type LevelChange, type WatchedDatabase, type WatchedDependency } from '../../../src/fleet/host/degradation.ts';

const dependencies = ['postgres', 'kafka', 'redis', 'llm'] as const satisfies readonly Dependency[];
const modes = ['postgres', 'sqlite', 'failed'] as const;

/** The 48 combinations, written down one by one: database, what is down, level. */
const table: readonly (readonly [DependencySnapshot['database'], string, number])[] = modes.flatMap((database) =>
  Array.from({ length: 16 }, (_, bits) => {
    const down = dependencies.filter((_dependency, index) => (bits & (1 << index)) !== 0);
    const name = down.join('+');
    const alone: Readonly<Record<string, number>> = { '': 0, postgres: 1, kafka: 2, redis: 0, llm: 0 };
    return [database, name, database === 'failed' ? 4 : (alone[name] ?? 3)] as const;
  }),
);

class FakeDependency implements WatchedDependency {
  state: DependencyState = { up: true };
  readonly emitter = new Emitter<DependencyState>();
  onStateChange(listener: (state: DependencyState) => void): () => void {
    return this.emitter.on(listener);
  }
  set(up: boolean): void {
    if (this.state.up === up) return;
    this.state = up ? { up } : { up, sinceMs: 0, reason: 'refused' };
    this.emitter.emit(this.state);
  }
}

class FakeDatabase extends FakeDependency implements WatchedDatabase {
  mode: DependencySnapshot['database'] = 'postgres';
  readonly modes = new Emitter<void>();
  onModeChange(listener: () => void): () => void {
    return this.modes.on(listener);
  }
  setMode(mode: DependencySnapshot['database']): void {
    this.mode = mode;
    this.modes.emit();
  }
}

function monitored() {
  const database = new FakeDatabase();
  const others = { kafka: new FakeDependency(), redis: new FakeDependency(), llm: new FakeDependency() };
  const told: string[] = [];
  const changes: LevelChange[] = [];
  const monitor = new DegradationMonitor(database, others, (dependency, state) => told.push(`${dependency} ${state.up ? 'up' : 'down'}`));
  monitor.onChange((change) => changes.push(change));
  return { database, others, told, changes, monitor };
}

describe('degradation levels', () => {
  it.each(table)('F08 on %s with [%s] down the level is %d', (database, down, level) => {
    const up = Object.fromEntries(dependencies.map((dependency) => [dependency, !down.split('+').includes(dependency)])) as Record<Dependency, boolean>;
    expect(degradationLevel({ database, up })).toBe(level);
    expect(degradationLevels[level]).toBeTypeOf('string');
  });

  it('F08 whatever happens in whatever order, the level is that of the state, and each change is told once with both ends and why', () => {
    const step = fc.oneof(
      fc.record({ what: fc.constantFrom(...dependencies), up: fc.boolean() }),
      fc.record({ mode: fc.constantFrom(...modes) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { database, others, changes, monitor } = monitored();
        for (const each of steps) {
          if ('mode' in each) database.setMode(each.mode);
          else if (each.what === 'postgres') database.set(each.up);
          else others[each.what].set(each.up);
          const up = { postgres: database.state.up, kafka: others.kafka.state.up, redis: others.redis.state.up, llm: others.llm.state.up };
          expect(monitor.level).toBe(degradationLevel({ database: database.mode, up }));
        }
        let level = 0;
        for (const change of changes) {
          expect(change.from).toBe(level);
          expect(change.to).not.toBe(level);
          expect(change.reason).not.toBe('');
          level = change.to;
        }
        expect(monitor.level).toBe(level);
      }),
    );
  });

  it('F08 changes are notified with the reason, dependencies each for itself; the way back is told as well', () => {
    const { database, others, told, changes } = monitored();
    others.kafka.set(false);
    others.redis.set(false);
    others.redis.set(true);
    others.kafka.set(true);
    database.set(false);
    database.setMode('sqlite');
    database.setMode('postgres');
    database.set(true);
    expect(changes).toEqual([
      { from: 0, to: 2, reason: 'kafka: refused' },
      { from: 2, to: 3, reason: 'kafka: refused; redis: refused' },
      { from: 3, to: 2, reason: 'kafka: refused' },
      { from: 2, to: 0, reason: 'all dependencies are back' },
      { from: 0, to: 1, reason: 'postgres: refused' },
      { from: 1, to: 0, reason: 'all dependencies are back' },
    ]);
    expect(told).toEqual(['kafka down', 'redis down', 'redis up', 'kafka up', 'postgres down', 'postgres up']);
  });

  it('F08 a monitor that is closed hears nothing and holds no listener', () => {
    const { database, others, changes, monitor } = monitored();
    monitor.close();
    others.kafka.set(false);
    database.setMode('failed');
    expect(changes).toEqual([]);
    expect([database.emitter, database.modes, others.kafka.emitter, others.redis.emitter, others.llm.emitter].some((emitter) => emitter.hasListeners)).toBe(false);
  });
});

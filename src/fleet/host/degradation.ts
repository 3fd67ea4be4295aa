import { Emitter, type Unsubscribe } from '../../core/emitter.ts';
import type { DependencyState } from '../connectors/call.ts';

/** F08. The number is the level. */
export const degradationLevels = [
  'full',
  'SQLite instead of PostgreSQL',
  'Kafka gone: direct calls only',
  'several services down: read-only, cached data',
  'failed: no database at all',
] as const;
export type DegradationLevel = 0 | 1 | 2 | 3 | 4;

export type Dependency = 'postgres' | 'kafka' | 'redis' | 'llm';

/** What the level is made from. `database` is what statements really run on now. */
export interface DependencySnapshot {
  readonly database: 'postgres' | 'sqlite' | 'failed';
  readonly up: Readonly<Record<Dependency, boolean>>;
}

/**
 * | database | down                          | level |
 * |----------|-------------------------------|-------|
 * | failed   | any                           | 4     |
 * | other    | two or more of the four       | 3     |
 * | other    | kafka alone                   | 2     |
 * | other    | postgres alone                | 1     |
 * | other    | redis or llm alone, or none   | 0     |
 *
 * Redis or the model alone leave the level at 0: every report is still made and kept, without
 * checkpoints that outlive the process or with template sections; `/health/detailed` names them.
 */
export function degradationLevel(snapshot: DependencySnapshot): DegradationLevel {
  if (snapshot.database === 'failed') return 4;
  const down = (Object.keys(snapshot.up) as Dependency[]).filter((dependency) => !snapshot.up[dependency]);
  if (down.length >= 2) return 3;
  if (down[0] === 'kafka') return 2;
  return down[0] === 'postgres' ? 1 : 0;
}

export interface LevelChange {
  readonly from: DegradationLevel;
  readonly to: DegradationLevel;
  readonly reason: string;
}

/** Something whose state is watched; connectors are. */
export interface WatchedDependency {
  readonly state: DependencyState;
  onStateChange(listener: (state: DependencyState) => void): Unsubscribe;
}

export interface WatchedDatabase extends WatchedDependency {
  readonly mode: DependencySnapshot['database'];
  onModeChange(listener: () => void): Unsubscribe;
}

/** Keeps a host's level from its connectors' states, and tells of each change. */
export class DegradationMonitor {
  readonly #emitter = new Emitter<LevelChange>();
  readonly #database: WatchedDatabase;
  readonly #dependencies: Readonly<Record<Dependency, WatchedDependency>>;
  readonly #unsubscribe: Unsubscribe[];
  #level: DegradationLevel = 0;

  constructor(database: WatchedDatabase, others: Readonly<Record<'kafka' | 'redis' | 'llm', WatchedDependency>>, onDependency: (dependency: Dependency, state: DependencyState) => void) {
    this.#database = database;
    this.#dependencies = { postgres: database, ...others };
    this.#unsubscribe = [
      ...(Object.keys(this.#dependencies) as Dependency[]).map((name) =>
        this.#dependencies[name].onStateChange((state) => {
          onDependency(name, state);
          this.#evaluate();
        }),
      ),
      database.onModeChange(() => this.#evaluate()),
    ];
  }

  get level(): DegradationLevel {
    return this.#level;
  }

  onChange(listener: (change: LevelChange) => void): Unsubscribe {
    return this.#emitter.on(listener);
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #evaluate(): void {
    const states = Object.entries(this.#dependencies).map(([name, dependency]) => [name, dependency.state] as const);
    const to = degradationLevel({
      database: this.#database.mode,
      up: Object.fromEntries(states.map(([name, state]) => [name, state.up])) as Record<Dependency, boolean>,
    });
    if (to === this.#level) return;
    const from = this.#level;
    this.#level = to;
    const down = states.flatMap(([name, state]) => (state.up ? [] : [`${name}: ${state.reason}`]));
    this.#emitter.emit({ from, to, reason: down.length === 0 ? 'all dependencies are back' : down.join('; ') });
  }
}

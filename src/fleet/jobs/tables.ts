/**
 * The fleet's own tables, in the subset that PostgreSQL and SQLite share. A job row never changes and
 * a report row is written once; what changes has a row of its own, so that each write can be repeated.
 */
export const jobTables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS jobs (
    run_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, correlation_id TEXT NOT NULL, question TEXT NOT NULL,
    period_from TEXT NOT NULL, period_to TEXT NOT NULL, timeout_ms BIGINT, accepted_at BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS job_progress (
    run_id TEXT PRIMARY KEY, dispatches BIGINT NOT NULL, updated_at BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS reports (
    run_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, level TEXT NOT NULL, success BIGINT NOT NULL, result TEXT NOT NULL,
    fencing_token BIGINT NOT NULL, host TEXT NOT NULL, stored_at BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS fleet_hosts (
    host TEXT PRIMARY KEY, role TEXT NOT NULL, url TEXT NOT NULL, seen_at BIGINT NOT NULL)`,
];

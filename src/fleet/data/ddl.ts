import { databaseColumns } from './dataset.ts';
import type { SqlDatabase } from './sql-database.ts';
import type { TableSpec } from './table.ts';
import { businessTables } from './tables/index.ts';

type Dialect = SqlDatabase['dialect'];

/** SQL type of each of `databaseColumns(spec)`. */
export function sqlTypes(spec: TableSpec): ('TEXT' | 'BIGINT' | 'SMALLINT')[] {
  return Object.values(spec.columns).flatMap((column) => {
    switch (column.type) {
      case 'money':
        return ['BIGINT', 'BIGINT'] as const;
      case 'integer':
      case 'percent':
      case 'rate':
        return ['BIGINT'] as const;
      case 'boolean':
        return ['SMALLINT'] as const;
      default:
        return ['TEXT'] as const;
    }
  });
}

/**
 * Texts are compared byte by byte in both products, so that sorting and tie-breaks agree: SQLite's
 * BINARY is its default, PostgreSQL's "C" has to be asked for.
 */
export function createTableStatements(dialect: Dialect, tables: readonly TableSpec[] = businessTables): string[] {
  return tables.map((spec) => {
    const types = sqlTypes(spec);
    const columns = databaseColumns(spec).map((name, index) => {
      const type = types[index] === 'TEXT' && dialect === 'postgres' ? 'TEXT COLLATE "C"' : types[index];
      const constraint = name === spec.key ? ' PRIMARY KEY NOT NULL' : spec.columns[name]?.required === true ? ' NOT NULL' : '';
      return `${name} ${type}${constraint}`;
    });
    return `CREATE TABLE IF NOT EXISTS ${spec.name} (${columns.join(', ')})`;
  });
}

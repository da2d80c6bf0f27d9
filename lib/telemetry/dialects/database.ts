import type { Claims } from '../claims';
import type { DialectRules, Named, Resource } from './dialect';

/** Stable names, then those before version 1.26 of the conventions. */
export const databaseNames = {
  operation: ['db.operation.name', 'db.operation'],
  system: ['db.system.name', 'db.system'],
  namespace: ['db.namespace', 'db.name'],
  statusCode: ['db.response.status_code'],
  input: ['db.query.text', 'db.statement'],
} as const;

/** A database by where it is and what it is called there; by its kind where neither is said. */
export function dataSourceOf(claims: Claims, { server }: Named): Resource | null {
  const own = claims.text('dataSource') ?? claims.text('namespace');
  const name = [server, own].filter((part) => part !== null).join('/');
  const named = name === '' ? claims.peek('system') : name;
  return named === null ? null : { kind: 'data_source', name: named };
}

/** A query or command by OpenTelemetry's database conventions. */
export const database: DialectRules = {
  name: 'database',
  detect: (signs) => signs.has('database'),
  kindOf: (_claims, { record }) => (record === null ? 'data_transfer' : 'event'),
  names: databaseNames,
  resourceOf: (claims, named, kind) =>
    kind === 'data_transfer' ? dataSourceOf(claims, named) : null,
};

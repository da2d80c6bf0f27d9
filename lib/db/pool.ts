import pg from 'pg';
import { config } from '@/lib/core/config';
import { AppError } from '@/lib/core/errors';
import { logEvent } from '@/lib/core/log';

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;
export type Connection = pg.Client;
/** A pool or one connection: whatever a query can be sent to. */
export type Queryable = {
  query<Row extends pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
};

export type PoolOptions = {
  /** What pg_stat_activity shows: `gateway`, `worker`, `console`. */
  applicationName: string;
  /** Connections at most; 5 unless told. */
  max?: number;
  /** The server ends a statement that runs longer; 0 for no bound. 30,000 unless told. */
  statementTimeoutMs?: number;
};

const INT8 = 20;

/** `bigint` columns are read as BigInt: positions and token counts outgrow a double. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary'
      ? (text: string) => BigInt(text)
      : // The overloads of pg ask for a literal format.
        pg.types.getTypeParser(oid, format as 'text'),
};

/** What a pool or a single connection of this product is made with. */
export function connectionConfig(url: string, options: PoolOptions): pg.PoolConfig {
  return {
    connectionString: url,
    application_name: `sallyport-${options.applicationName}`,
    max: options.max ?? 5,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    types,
  };
}

/** Connections are opened when needed; one that PostgreSQL drops while idle is logged, not thrown. */
export function createPool(url: string, options: PoolOptions): pg.Pool {
  const made = new pg.Pool(connectionConfig(url, options));
  made.on('error', (error) => logEvent('database_connection_lost', { error }));
  return made;
}

/** One connection of one's own, not yet opened. */
export function createConnection(url: string, options: PoolOptions): pg.Client {
  const connection = new pg.Client(connectionConfig(url, options));
  // From the first moment: without a listener a connection that is lost would end the process.
  connection.on('error', (error) => logEvent('database_connection_lost', { error }));
  return connection;
}

/** This process's DATABASE_URL. */
export function databaseUrl(): string {
  const url = config().DATABASE_URL;
  if (url === undefined)
    throw new AppError(
      'unavailable',
      'DATABASE_URL is not set: start with `npm start`, or set it.',
    );
  return url;
}

// Next loads a module once per bundle, and again at each change in development: one pool all the same.
const shared = globalThis as typeof globalThis & { sallyportPools?: Map<ConsolePool, pg.Pool> };

/** What goes on for as long as somebody watches or downloads must not hold up what a page waits for. */
const consolePools = {
  pages: { applicationName: 'console', max: 10 },
  tail: { applicationName: 'console-tail', max: 3, statementTimeoutMs: 2_000 },
  export: { applicationName: 'console-export', max: 4 },
} satisfies Record<string, PoolOptions>;
type ConsolePool = keyof typeof consolePools;

/** The console's pool for one kind of work, made at first use. */
export function pool(of: ConsolePool = 'pages'): pg.Pool {
  shared.sallyportPools ??= new Map();
  const made = shared.sallyportPools.get(of) ?? createPool(databaseUrl(), consolePools[of]);
  shared.sallyportPools.set(of, made);
  return made;
}

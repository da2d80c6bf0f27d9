import type { Pool, Queryable } from '@/lib/db/pool';

export type Bounds = {
  /** How long one statement may take. */
  readonly statementMs: number;
  /** And all statements of one question together. */
  readonly totalMs: number;
};

/** Behind a page, before it is told to narrow its question. */
const ofPages: Bounds = { statementMs: 2_000, totalMs: 4_000 };
const queryCanceled = '57014';

/** What a read that would take too long answers instead. */
export const tooMuch = Symbol('too much to read');

/**
 * Reads whose filter is a stranger's: at most two seconds a statement and four for all unless told, then `tooMuch`. In one
 * transaction, so that `work` may set how it is planned, and all its statements see the same.
 */
export async function bounded<Value>(
  db: Pool,
  work: (client: Queryable) => Promise<Value>,
  bounds = ofPages,
): Promise<Value | typeof tooMuch> {
  const client = await db.connect();
  try {
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${bounds.statementMs}`,
    );
    const value = await work(withDeadline(client, bounds));
    await client.query('COMMIT');
    client.release();
    return value;
  } catch (error) {
    // A connection in an unknown state is closed, which rolls back.
    const isBroken = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    client.release(isBroken);
    if (error instanceof Error && 'code' in error && error.code === queryCanceled) return tooMuch;
    if (error instanceof DeadlineOver) return tooMuch;
    throw error;
  }
}

class DeadlineOver extends Error {}

/** Statements get what is left of the time for all, once that is less than one may take. */
function withDeadline(client: Queryable, { statementMs, totalMs }: Bounds): Queryable {
  const deadlineMs = performance.now() + totalMs;
  return {
    async query(text, values) {
      const restMs = Math.ceil(deadlineMs - performance.now());
      if (restMs <= 0) throw new DeadlineOver();
      if (restMs < statementMs) await client.query(`SET LOCAL statement_timeout = ${restMs}`);
      return client.query(text, values);
    },
  };
}

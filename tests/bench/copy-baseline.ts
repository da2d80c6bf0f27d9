import { randomFillSync } from 'node:crypto';
import type { Client } from 'pg';
import { copyIn } from '@/lib/db/copy-in';

/** A shard that no gateway leases and no projection reads, since it is not in the table `shard`. */
export const baselineShard = 30_000;
export const baselineRows = 4_096;
/** The sample fills two transactions, so that one is made fresh while the other is on its way. */
export const sampleRows = 2 * baselineRows;

const tables = ['seen', 'interaction', 'body', 'log_entry'] as const;
type Table = (typeof tables)[number];

const signatureBytes = 19;
const postgresEpochMs = 946_684_800_000;
const rowsPerSession = 8;

/** One transaction's rows of one table as a CopyData message, and where in it the values are that change. */
type Prepared = { data: Buffer; columns: Map<string, number[]> };

/**
 * The fastest that PostgreSQL takes these very rows: what the gateway stored, copied out, given fresh keys and
 * positions, and copied in again by one connection, with nothing else to do than that.
 */
export class CopyBaseline {
  private readonly client: Client;
  private readonly transactions: Map<Table, Prepared>[];
  private position = 0n;
  private next = 0;

  private constructor(client: Client, transactions: Map<Table, Prepared>[]) {
    this.client = client;
    this.transactions = transactions;
  }

  /** Takes its sample, as an owner who may read bodies, from the entries that `shard` holds; writes as `client`. */
  static async prepare(owner: Client, client: Client, shard: number): Promise<CopyBaseline> {
    const columns = new Map<Table, string[]>();
    for (const table of tables) columns.set(table, await columnsOf(owner, table));
    const transactions: Map<Table, Prepared>[] = [];
    for (let first = 0; first < sampleRows; first += baselineRows) {
      const prepared = new Map<Table, Prepared>();
      for (const table of tables) {
        const names = columns.get(table) ?? [];
        const rows =
          table === 'seen'
            ? `SELECT ${names.join(', ')} FROM seen ORDER BY received_at LIMIT ${baselineRows} OFFSET ${first}`
            : `SELECT ${names.join(', ')} FROM ${table} WHERE shard = ${shard} AND position >= ${first} AND position < ${first + baselineRows} ORDER BY received_at, position`;
        prepared.set(
          table,
          prepare(await copyOut(owner, `COPY (${rows}) TO STDOUT (FORMAT binary)`), names),
        );
      }
      transactions.push(prepared);
    }
    return new CopyBaseline(client, transactions);
  }

  /** Writes for so long; returns the rows, each counted once though it is in several tables. */
  async run(seconds: number): Promise<{ rows: number; seconds: number }> {
    const startMs = performance.now();
    let rows = 0;
    let data = this.fresh();
    while (performance.now() - startMs < seconds * 1000) {
      const written = copyIn(this.client, copySql(tables), data);
      data = this.fresh();
      await written;
      rows += baselineRows;
    }
    return { rows, seconds: (performance.now() - startMs) / 1000 };
  }

  private fresh(): Buffer[] {
    const prepared = this.transactions[this.next % this.transactions.length];
    if (prepared === undefined) throw new Error('There is no sample.');
    this.next += 1;
    const arrivedUs = BigInt(Date.now() - postgresEpochMs) * 1000n;
    const random = randomFillSync(Buffer.allocUnsafe(baselineRows * 16));
    for (const { data, columns } of prepared.values()) {
      const patch = (column: string, write: (at: number, row: number) => void) =>
        columns.get(column)?.forEach(write);
      patch('received_at', (at) => data.writeBigInt64BE(arrivedUs, at));
      patch('shard', (at) => data.writeInt32BE(baselineShard, at));
      patch('position', (at, row) => data.writeBigInt64BE(this.position + BigInt(row), at));
      patch('key', (at, row) => random.copy(data, at, row * 16, row * 16 + 16));
      patch('session', (at, row) => {
        const session = Math.floor(row / rowsPerSession) * 16;
        random.copy(data, at, session, session + 16);
      });
    }
    this.position += BigInt(baselineRows);
    return tables.map((table) => prepared.get(table)?.data ?? Buffer.alloc(0));
  }
}

const copySql = (names: readonly Table[]) =>
  names.map((table) => `COPY ${table} FROM STDIN (FORMAT binary)`).join(';');

async function columnsOf(client: Client, table: Table): Promise<string[]> {
  const { rows } = await client.query<{ attname: string }>(
    `SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [table],
  );
  return rows.map(({ attname }) => attname);
}

/** Everything a `COPY … TO STDOUT` sends. */
function copyOut(client: Client, sql: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const submittable = {
      submit: (connection: { query(text: string): void }) => connection.query(sql),
      handleCopyData: ({ chunk }: { chunk: Buffer }) => chunks.push(Buffer.from(chunk)),
      handleCommandComplete() {},
      handleReadyForQuery: () => resolve(Buffer.concat(chunks)),
      handleError: reject,
    };
    // Not in pg's types: what `client.query` takes beside text is anything with these methods.
    client.query(submittable as never);
  });
}

/** Walks the tuples (PostgreSQL documentation, COPY, "Binary Format") and notes where the values are. */
function prepare(copied: Buffer, names: readonly string[]): Prepared {
  const data = Buffer.alloc(copied.length + 5);
  copied.copy(data, 5);
  data[0] = 0x64; // 'd'
  data.writeInt32BE(copied.length + 4, 1);
  const columns = new Map<string, number[]>(names.map((name) => [name, []]));
  let at = 5 + signatureBytes;
  for (let fields = data.readInt16BE(at); fields >= 0; fields = data.readInt16BE(at)) {
    at += 2;
    for (let field = 0; field < fields; field += 1) {
      const bytes = data.readInt32BE(at);
      at += 4;
      columns.get(names[field] ?? '')?.push(at);
      at += Math.max(0, bytes);
    }
  }
  const rows = columns.get('received_at')?.length ?? 0;
  if (rows !== baselineRows)
    throw new Error(`The sample has ${rows} rows instead of ${baselineRows}.`);
  return { data, columns };
}

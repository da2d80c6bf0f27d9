import type { ClientBase } from 'pg';

/** The part of a pg connection that a submittable talks to. */
type Wire = {
  stream: {
    write(chunk: Uint8Array): boolean;
    cork(): void;
    uncork(): void;
    destroy(error: Error): void;
  };
};

/** Longer than the server's own bound on a statement: past it nobody is at the other end. */
const ANSWER_MS_MAX = 45_000;

const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]); // 'c'

/**
 * Sends one simple Query holding several `COPY … FROM STDIN` with all their data at once, so that they
 * commit together or not at all, in one round trip. `data[i]` is a complete CopyData message for the i-th.
 * Rejects with the database's error; the connection stays usable.
 */
export function copyIn(
  client: ClientBase,
  sql: string,
  data: readonly Uint8Array[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    let overdue: NodeJS.Timeout | undefined;
    // pg drops its active query on an error and calls nothing after it, so the error settles the promise.
    const submittable = {
      submit(connection: Wire) {
        const text = Buffer.from(sql);
        const query = Buffer.allocUnsafe(text.length + 6);
        query[0] = 0x51; // 'Q'
        query.writeInt32BE(text.length + 5, 1);
        text.copy(query, 5);
        query[query.length - 1] = 0;
        connection.stream.cork();
        connection.stream.write(query);
        for (const chunk of data) {
          connection.stream.write(chunk);
          connection.stream.write(COPY_DONE);
        }
        connection.stream.uncork();
        overdue = setTimeout(
          () => connection.stream.destroy(new Error('the database does not answer')),
          ANSWER_MS_MAX,
        );
      },
      handleCopyInResponse() {},
      handleCommandComplete() {},
      handleRowDescription() {},
      handleDataRow() {},
      handleReadyForQuery() {
        clearTimeout(overdue);
        resolve();
      },
      handleError(error: Error) {
        clearTimeout(overdue);
        reject(error);
      },
    };
    // Not in pg's types: what `client.query` takes beside text is anything with these methods.
    client.query(submittable as never);
  });
}

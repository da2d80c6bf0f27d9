import { randomBytes } from 'node:crypto';
import { systemClock } from '@/lib/core/clock';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createConnection, createPool } from '@/lib/db/pool';
import { createSearchProjection } from '@/lib/inventory/search/project';
import { projectBatch } from '@/lib/log/projection';
import { LogWriter } from '@/lib/log/writer';
import { anEntry } from '../support/entries';
import { type Figure, figure } from './report';

const entries = 30_000;
const perRequest = 500;
const words = 120;

/** How many entries a second, with a kilobyte of content each, one worker decrypts, hashes and indexes. */
export async function projectionFigures(url: string): Promise<Figure[]> {
  const kek = keyEncryptionKeyOf(randomBytes(32));
  const writer = new LogWriter({
    connect: async () => {
      const connection = createConnection(url, { applicationName: 'bench' });
      await connection.connect();
      return connection;
    },
    kek,
    clock: systemClock,
  });
  await writer.start();
  for (let made = 0; made < entries; made += perRequest) {
    const request = Array.from({ length: perRequest }, (_, index) => entryOf(made + index));
    const reporter = request[0]?.interaction.reporter ?? '';
    await writer.append({ reporter, entries: request, refused: [], bytes: 1000 });
  }
  await writer.close();
  const db = createPool(url, { applicationName: 'bench', max: 1 });
  const client = await db.connect();
  try {
    const projection = createSearchProjection(() => kek.content);
    const started = performance.now();
    let slowestMs = 0;
    for (let batch = 1; batch > 0; ) {
      const batchStarted = performance.now();
      batch = await projectBatch(client, projection, 1);
      slowestMs = Math.max(slowestMs, performance.now() - batchStarted);
    }
    const seconds = (performance.now() - started) / 1000;
    return [
      figure('search projection, entries a second', entries / seconds, '/s', { min: 1500 }),
      figure('search projection, slowest batch', slowestMs, 'ms', { max: 2000 }),
    ];
  } finally {
    client.release(true);
    await db.end();
  }
}

/** Words as they are used: few of them often, ids once. */
function entryOf(n: number) {
  const text = Array.from({ length: words }, (_, index) => {
    const spread = ((n * 7919 + index * 104_729) % 99_991) / 99_991;
    return `word${Math.floor(spread ** 3 * 20_000)}`;
  }).join(' ');
  const parts = [{ type: 'text', content: `order-${n} ${text}` }];
  return anEntry({
    bodies: [{ role: 'input', text: JSON.stringify([{ role: 'user', parts }]) }],
  });
}

import { randomBytes } from 'node:crypto';
import { contentKeyOf } from '@/lib/core/secrets';
import { copyIn } from '@/lib/db/copy-in';
import type { Pool } from '@/lib/db/pool';
import { documentOf } from '@/lib/inventory/search/document';
import { createWordHash, type WordHash } from '@/lib/inventory/search/hash-words';
import { CopyRows } from '@/lib/log/copy-rows';

export const interactions = 2_000_000;
const step = 100_000;
const textsMade = 5_000;
const absent = '00000000-0000-7000-8000-0000000003e8';

/** What the seed holds of each facet, by how often: the shares stand in its statement. */
export const seeded = {
  identity: {
    frequent: '00000000-0000-7000-8000-000000000001',
    rare: '00000000-0000-7000-8000-0000000003e7',
    absent,
  },
  kind: { frequent: 'inference', rare: 'memory', absent: 'process' },
  status: { frequent: 'ok', rare: 'error', absent: 'unset' },
  resource: { frequent: 'tool_7', rare: 'rare-tool', absent: 'no-such-tool' },
  model: { frequent: 'gpt-4.1-mini', rare: 'rare-model', absent: 'no-such-model' },
} as const;

/** Words of the seed: in one entry of 90,001, in every third, in one of 200, in none. */
export const seededWords = {
  rare: 'marigold',
  frequent: 'invoice',
  uncommon: 'refund',
  absent: 'periwinkle',
};

/** In order of arrival, 500 to a batch, as the gateway writes; every value's share is in the CASEs. Returns seconds. */
export async function seedInteractions(db: Pool): Promise<number> {
  await db.query("SELECT ensure_partitions((now() - interval '2 days')::date, now()::date)");
  await db.query(
    `INSERT INTO identity (id, kind, name, names, state, created_at)
     SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'agent', 'agent-' || i, '{}', 'active', now()
     FROM generate_series(1, 1000) i`,
  );
  const started = performance.now();
  for (let first = 0; first < interactions; first += step) {
    await db.query(
      `INSERT INTO interaction (received_at, shard, position, reporter, identity, vantage, declared_name, service,
         on_behalf_of, session, conversation, trace, span, signal, dialect, kind, operation, name, provider, model,
         resource_kind, resource, status, error_type, started_ns, ended_ns, input_tokens, output_tokens,
         server_address, server_port, marks, bodies, salt)
       SELECT at, 1 + (b % 2), i, r, CASE WHEN i % 10 = 7 THEN NULL ELSE r END, 'self', 'billing-agent', 'billing',
         'customer-' || i % 5000, ('00000000-0000-8000-8000-' || lpad(to_hex(i / 8), 12, '0'))::uuid, 'conv-' || i / 8,
         sha256(int8send(i))::bytea, int8send(i), 'trace', 'genai',
         CASE WHEN i % 90001 = 5 THEN 'memory' WHEN model IS NOT NULL THEN 'inference' WHEN i % 20 = 1 THEN 'retrieval' ELSE 'tool_call' END,
         'chat', 'chat gpt-4.1-mini', 'openai',
         model, CASE WHEN model IS NULL THEN 'tool' ELSE 'model' END,
         coalesce(model, CASE WHEN i % 90001 = 4 THEN 'rare-tool' ELSE 'tool_' || i % 40 END),
         CASE WHEN i % 50 = 0 THEN 'error' ELSE 'ok' END, CASE WHEN i % 50 = 0 THEN 'timeout' END,
         (extract(epoch FROM at) * 1000)::bigint * 1000000 - 900000000, (extract(epoch FROM at) * 1000)::bigint * 1000000,
         400, 50, 'api.example.com', 443, 0, sha256(int8send(i)), sha256(int8send(i + 1))
       FROM (
         SELECT i, i / 500 AS b,
           date_trunc('milliseconds', now()) - interval '23 hours' + (i / 500) * (interval '82000 seconds' / $2::float8) AS at,
           ('00000000-0000-7000-8000-' || lpad(to_hex(CASE WHEN i % 90001 = 2 THEN 999 ELSE 1 + i % 40 END), 12, '0'))::uuid AS r,
           CASE WHEN i % 90001 = 3 THEN 'rare-model' WHEN i % 3 = 0 AND i % 90001 > 5 THEN 'gpt-4.1-mini' END AS model
         FROM generate_series($1::bigint, $1::bigint + $3 - 1) i
       ) made`,
      [first, interactions / 500, step],
    );
  }
  const seconds = (performance.now() - started) / 1000;
  await db.query(
    `INSERT INTO rollup_minute SELECT to_timestamp(started_ns / 60000000000 * 60), shard,
       coalesce(identity, '00000000-0000-0000-0000-000000000000'), kind, status, resource_kind, term_id(resource),
       count(*), sum(input_tokens), sum(output_tokens), 0, 0, 0, 0
     FROM interaction GROUP BY 1, 2, 3, 4, 5, 6, 7`,
  );
  return seconds;
}

/**
 * A document for every interaction: one of 5,000 made by the product itself from texts of some 60 words, and a word
 * that no other has, as ids are. Returns the hash that searches must use.
 */
export async function seedDocuments(db: Pool): Promise<WordHash> {
  const hashOf = createWordHash(contentKeyOf(randomBytes(32)));
  const client = await db.connect();
  try {
    await client.query(
      'CREATE TEMPORARY TABLE made (n int PRIMARY KEY, document tsvector NOT NULL)',
    );
    const rows = new CopyRows(8 * 1024 * 1024);
    for (let n = 0; n < textsMade; n += 1) {
      rows.row(2);
      rows.int4(n);
      rows.bytes(
        documentOf([{ role: 'input', text: textOf(n) }], hashOf)?.bytes ?? Buffer.alloc(4),
      );
    }
    await copyIn(client, 'COPY made FROM STDIN (FORMAT binary)', [rows.finish()]);
    await client.query('DROP INDEX search_document_document_idx');
    await client.query(
      `INSERT INTO search_document
       SELECT i.received_at, i.shard, i.position, m.document || array_to_tsvector(
         ARRAY[left(encode(sha256(int8send(i.position)), 'base64'), 10)] || CASE WHEN i.position % 90001 = 6 THEN ARRAY[$1] ELSE '{}' END), false
       FROM interaction i JOIN made m ON m.n = i.position * 7919 % $2`,
      [hashOf(seededWords.rare), textsMade],
    );
    await client.query("SET maintenance_work_mem = '512MB'");
    await client.query(
      'CREATE INDEX search_document_document_idx ON search_document USING gin (document)',
    );
    await client.query('DROP TABLE made');
  } finally {
    client.release(true);
  }
  return hashOf;
}

/** Words by how often they are used: some in every text, most in few. */
function textOf(n: number): string {
  const words = Array.from({ length: 60 }, (_, index) => {
    const spread = ((n * 31 + index * 7919 + n * index) % 9973) / 9973;
    return `word${Math.floor(spread ** 3 * 20_000)}`;
  });
  if (n % 3 === 0) words.push(seededWords.frequent);
  if (n % 200 === 0) words.push(seededWords.uncommon);
  return words.join(' ');
}

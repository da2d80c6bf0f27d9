import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keyEncryptionKeyOf } from '@/lib/core/secrets';
import { createPool, type Pool } from '@/lib/db/pool';
import { readBodies, readQuarantined } from '@/lib/log/queries';
import { marks } from '@/lib/telemetry/schema';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  postTraces,
  registerReporter,
  startGateway,
  type TestGateway,
  type TestReporter,
} from '../support/gateway';
import { isRevoked, untilKnown } from '../support/registry-known';
import {
  exportRequest,
  genaiChatSpan,
  type OtlpSpan,
  toolSpan,
  unknownSpan,
} from '../support/spans';

let database: TestDatabase;
let pool: Pool;
let gateway: TestGateway;
let reporter: TestReporter;
let at = 1;

const requestOf = (...spans: OtlpSpan[]) => JSON.stringify(exportRequest(spans));
const fresh = (make: typeof genaiChatSpan, change: Partial<OtlpSpan> = {}): OtlpSpan => ({
  ...make({ at: at++, startedMs: Date.now() }),
  ...change,
});
const send = (body: string | Uint8Array, headers?: Record<string, string>) =>
  postTraces(gateway.url, reporter.key, body, headers);
const rowsOf = async (sql: string, values: unknown[] = []) => (await pool.query(sql, values)).rows;
const storedNames = async () =>
  (
    await rowsOf('SELECT name FROM interaction WHERE reporter = $1 ORDER BY position', [
      reporter.id,
    ])
  ).map(({ name }) => name);
const quarantined = async () =>
  await rowsOf(
    'SELECT id, reason, detail, bytes, item FROM quarantine WHERE reporter = $1 ORDER BY received_at, id',
    [reporter.id],
  );
const rejectedOf = (json: unknown) =>
  Number(
    (json as { partialSuccess?: { rejectedSpans?: string } }).partialSuccess?.rejectedSpans ?? 0,
  );

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.migratorUrl, { applicationName: 'tests' });
  gateway = await startGateway(database);
});
beforeEach(async () => {
  reporter = await registerReporter(pool);
});
afterAll(async () => {
  await gateway?.close();
  await pool?.end();
  await database?.drop();
});

describe('who may send', () => {
  it.each([
    ['no header', null, 401],
    ['an unknown key', `slp_ik_${'A'.repeat(43)}`, 401],
    ['a token with spaces', 'a b', 401],
    ['a very long token', 'x'.repeat(5000), 401],
  ])('%s is refused with what to do', async (_name, key, status) => {
    const answer = await postTraces(gateway.url, key, requestOf(fresh(genaiChatSpan)));
    expect(answer.status).toBe(status);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(String((answer.json as { message: string }).message)).toMatch(/ingest key|bearer token/);
  });

  it('a revoked key is refused once the gateway knows, an expired one and a suspended identity at once', async () => {
    expect((await send(requestOf(fresh(genaiChatSpan)))).status).toBe(200);
    await pool.query('UPDATE credential SET revoked_at = now() WHERE identity_id = $1', [
      reporter.id,
    ]);
    await untilKnown(gateway, isRevoked(reporter.id));
    expect((await send(requestOf(fresh(genaiChatSpan)))).status).toBe(401);
    const expired = await registerReporter(pool, { expiresAt: new Date(Date.now() - 1000) });
    expect(
      (await postTraces(gateway.url, expired.key, requestOf(fresh(genaiChatSpan)))).status,
    ).toBe(401);
    const suspended = await registerReporter(pool, { state: 'suspended' });
    expect(
      (await postTraces(gateway.url, suspended.key, requestOf(fresh(genaiChatSpan)))).status,
    ).toBe(403);
  });
});

describe('what is stored', () => {
  it('a chat span becomes one inference with who, what, tokens and bodies, and a repeat changes nothing', async () => {
    const body = requestOf(fresh(genaiChatSpan));
    expect(await send(body)).toMatchObject({ status: 200, json: {} });
    expect(
      await send(gzipSync(body), {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      }),
    ).toMatchObject({ status: 200 });
    const rows = await rowsOf('SELECT * FROM interaction WHERE reporter = $1', [reporter.id]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      kind: 'inference',
      signal: 'trace',
      dialect: 'genai',
      operation: 'chat',
      response_id: 'chatcmpl-4f0c2',
      provider: 'openai',
      model: 'gpt-4.1-mini-2025-04-14',
      request_model: 'gpt-4.1-mini',
      declared_name: 'billing-agent',
      on_behalf_of: 'customer-5521',
      identity: null,
      vantage: 'peer',
      input_tokens: 412n,
      cache_read_tokens: 256n,
    });
    const place = {
      receivedAt: rows[0].received_at,
      shard: rows[0].shard,
      position: rows[0].position,
    };
    const bodies = await readBodies(
      pool,
      keyEncryptionKeyOf(Buffer.from(database.kek, 'base64')),
      place,
    );
    expect(bodies.find(({ role }) => role === 'input')?.text).toContain(
      'Why is invoice 7731 higher',
    );
    expect(bodies.find(({ role }) => role === 'attributes')?.text).toContain('finish_reasons');
  });

  it('is attributed to the identity whose name it declares, and to nobody else', async () => {
    const named = await registerReporter(pool, { name: `billing-${at}` });
    const span = fresh(genaiChatSpan);
    const rename = (name: string) =>
      JSON.stringify(exportRequest([span])).replaceAll('"billing-agent"', JSON.stringify(name));
    await postTraces(
      gateway.url,
      named.key,
      rename((await rowsOf('SELECT name FROM identity WHERE id = $1', [named.id]))[0].name),
    );
    const [row] = await rowsOf(
      'SELECT identity, vantage, fingerprint FROM interaction WHERE reporter = $1',
      [named.id],
    );
    expect(row).toEqual({ identity: named.id, vantage: 'self', fingerprint: null });
  });

  it('the content policy redacts before storage: a key in a prompt is in no column of any table', async () => {
    const secret = `AKIA${'QJ7DK2LMNP4RSTUV'}`;
    const span = fresh(genaiChatSpan);
    await send(requestOf(span).replace('Why is invoice 7731', `use ${secret} for invoice 7731`));
    const [row] = await rowsOf(
      'SELECT received_at, shard, position, redacted FROM interaction WHERE reporter = $1',
      [reporter.id],
    );
    expect(row.redacted).toMatch(/=1/);
    const place = { receivedAt: row.received_at, shard: row.shard, position: row.position };
    const bodies = await readBodies(
      pool,
      keyEncryptionKeyOf(Buffer.from(database.kek, 'base64')),
      place,
    );
    expect(JSON.stringify(bodies)).not.toContain(secret);
    expect(JSON.stringify(bodies)).toContain('[redacted:');
  });
});

describe('bad input', () => {
  it('a bad item is refused with its reason, quarantined, and its neighbours are stored', async () => {
    const good = [
      fresh(genaiChatSpan, { name: 'first' }),
      fresh(toolSpan, { name: 'second' }),
    ] as const;
    const bad: [Partial<OtlpSpan>, string][] = [
      [{ traceId: '0'.repeat(32) }, 'invalid_trace_id'],
      [{ traceId: 'abcd' }, 'invalid_trace_id'],
      [{ spanId: '' }, 'invalid_span_id'],
      [{ spanId: 'zz' }, 'malformed_item'],
      [{ endTimeUnixNano: '18446744073709551615' }, 'time_out_of_range'],
    ];
    const answer = await send(
      requestOf(good[0], ...bad.map(([change]) => fresh(genaiChatSpan, change)), good[1]),
    );
    expect(answer.status).toBe(200);
    expect(rejectedOf(answer.json)).toBe(bad.length);
    expect(await storedNames()).toEqual(['first', 'second']);
    const rows = await quarantined();
    expect(rows.map(({ reason }) => reason).sort()).toEqual(bad.map(([, reason]) => reason).sort());
    for (const row of rows) expect(row.item.includes(Buffer.from('invoice'))).toBe(false);
  });

  it('a refused item is kept without its secrets', async () => {
    const secret = {
      key: 'http.request.header.authorization',
      value: { stringValue: 'opensesame-7' },
    };
    const span = fresh(genaiChatSpan, { spanId: '' });
    await send(requestOf({ ...span, attributes: [...span.attributes, secret] }));
    const [row] = await quarantined();
    const kek = keyEncryptionKeyOf(Buffer.from(database.kek, 'base64'));
    const kept = (await readQuarantined(pool, kek, row.id))?.toString() ?? '';
    expect(kept).toContain('http.request.header.authorization');
    expect(kept).not.toContain('opensesame');
  });

  it.each<[string, (span: OtlpSpan) => OtlpSpan, keyof typeof marks | null]>([
    [
      'a time in 1970',
      (span) => ({ ...span, startTimeUnixNano: '1', endTimeUnixNano: '2' }),
      'implausible_time',
    ],
    [
      'a time in 2200',
      (span) => ({
        ...span,
        startTimeUnixNano: '7258118400000000000',
        endTimeUnixNano: '7258118400000000001',
      }),
      'implausible_time',
    ],
    [
      'an end before the start',
      (span) => ({ ...span, endTimeUnixNano: String(BigInt(span.startTimeUnixNano) - 5n) }),
      'ends_before_start',
    ],
    [
      'negative tokens',
      (span) => ({
        ...span,
        attributes: span.attributes.map((attribute) =>
          attribute.key === 'gen_ai.usage.input_tokens'
            ? { key: attribute.key, value: { intValue: '-4' } }
            : attribute,
        ),
      }),
      'negative_tokens',
    ],
    ['text with a NUL', (span) => ({ ...span, name: 'a\0b' }), 'invalid_text'],
    ['half a surrogate pair', (span) => ({ ...span, name: 'a\ud800b' }), 'invalid_text'],
  ])('%s is kept and marked', async (_name, change, mark) => {
    expect(await send(requestOf(change(fresh(genaiChatSpan))))).toMatchObject({
      status: 200,
      json: {},
    });
    const rows = await rowsOf('SELECT marks FROM interaction WHERE reporter = $1', [reporter.id]);
    expect(rows).toHaveLength(1);
    expect(rows[0].marks & (mark === null ? 0 : marks[mark])).toBe(mark === null ? 0 : marks[mark]);
  });

  it.each<[string, () => { body: string | Uint8Array; headers?: Record<string, string> }, number]>([
    ['broken JSON', () => ({ body: '{"resourceSpans":[' }), 400],
    ['JSON of another shape', () => ({ body: '{"resourceSpans":{"a":1}}' }), 400],
    ['broken protobuf', () => ({ body: Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f, 0x01]) }), 400],
    ['an empty protobuf body is an empty request', () => ({ body: Buffer.alloc(0) }), 200],
    [
      'another content type',
      () => ({ body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      415,
    ],
    ['another encoding', () => ({ body: '{}', headers: { 'content-encoding': 'br' } }), 415],
    ['gzip that is not', () => ({ body: '{}', headers: { 'content-encoding': 'gzip' } }), 400],
    [
      'a gzip bomb',
      () => ({
        body: gzipSync(Buffer.alloc(400 * 1024 * 1024)),
        headers: { 'content-encoding': 'gzip' },
      }),
      413,
    ],
    ['more bytes than a request may have', () => ({ body: Buffer.alloc(17 * 1024 * 1024) }), 413],
  ])('%s', async (_name, make, status) => {
    const { body, headers } = make();
    const answer = await send(body, headers);
    expect(answer.status).toBe(status);
    expect(await storedNames()).toEqual([]);
    expect((await send(requestOf(fresh(genaiChatSpan)))).status).toBe(200);
  });

  it.each<[string, (span: OtlpSpan) => OtlpSpan, string]>([
    [
      'a 10 MB attribute',
      (span) => ({
        ...span,
        attributes: [{ key: 'big', value: { stringValue: 'x'.repeat(10 * 1024 * 1024) } }],
      }),
      'too_large',
    ],
    [
      '10,000 attributes',
      (span) => ({
        ...span,
        attributes: Array.from({ length: 10_000 }, (_, n) => ({
          key: `k${n}`,
          value: { intValue: '1' },
        })),
      }),
      'too_many_attributes',
    ],
    [
      'a value nested 100 deep',
      (span) => ({ ...span, attributes: [{ key: 'deep', value: nested(100) }] }),
      'too_deep',
    ],
  ])('%s is refused alone', async (_name, change, reason) => {
    const answer = await send(
      requestOf(fresh(unknownSpan, { name: 'neighbour' }), change(fresh(genaiChatSpan))),
    );
    expect(answer.status).toBe(200);
    expect(rejectedOf(answer.json)).toBe(1);
    expect(await storedNames()).toEqual(['neighbour']);
    expect((await quarantined()).map((row) => row.reason)).toEqual([reason]);
  });

  it('the same batch twice at once is stored once', async () => {
    const body = requestOf(...Array.from({ length: 50 }, () => fresh(genaiChatSpan)));
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await storedNames()).toHaveLength(50);
  });

  it('a replay stores what would be accepted now, once, and says of the rest that it is refused again', async () => {
    await send(requestOf(fresh(genaiChatSpan, { spanId: '' })));
    // Refused by a stricter version of the past; today's steps take it.
    const raw = Buffer.from(requestOf(fresh(genaiChatSpan, { name: 'comes back' })));
    const refused = [
      { signal: 'trace', reason: 'too_deep', detail: 'as it was', bytes: raw.length, raw },
    ] as const;
    await gateway.gateway.writer.append({
      reporter: reporter.id,
      entries: [],
      refused: [...refused],
      bytes: 1,
    });
    await pool.query("UPDATE quarantine SET replay_state = 'requested' WHERE reporter = $1", [
      reporter.id,
    ]);
    const states = () =>
      rowsOf(
        'SELECT reason, replay_state, item IS NOT NULL AS kept FROM quarantine WHERE reporter = $1 ORDER BY reason',
        [reporter.id],
      );
    await expect.poll(states, { timeout: 10_000 }).toEqual([
      { reason: 'invalid_span_id', replay_state: 'refused_again', kept: true },
      { reason: 'too_deep', replay_state: 'accepted', kept: false },
    ]);
    expect(await storedNames()).toEqual(['comes back']);
  });
});

type Nested = { arrayValue: { values: Nested[] } } | { intValue: string };
function nested(depth: number): Nested {
  return depth === 0 ? { intValue: '1' } : { arrayValue: { values: [nested(depth - 1)] } };
}

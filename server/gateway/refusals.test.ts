import { beforeEach, expect, test, vi } from 'vitest';
import { type Refusal, Refusals } from './refusals';

const refusal = (change: Partial<Refusal> = {}): Refusal => ({
  reason: 'unknown',
  address: '192.0.2.1',
  presented: 'bearer',
  detail: 'This ingest key is unknown.',
  identity: null,
  credential: null,
  apiKey: null,
  thumbprint: null,
  ...change,
});

let entries: Record<string, unknown>[];
let counted: number;
let isDown: boolean;
let refusals: Refusals;
const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  entries = [];
  counted = 0;
  isDown = false;
  refusals = new Refusals({
    append: async (facts) => {
      if (isDown) throw new Error('down');
      entries.push(facts);
    },
    count: () => {
      counted += 1;
    },
  });
  return () => refusals.stop();
});

test('the first is told at once, and what repeats it within a minute as one with a count', () => {
  for (let at = 0; at < 100; at += 1) refusals.note(refusal(), at);
  expect(entries).toEqual([
    {
      reason: 'unknown',
      address: '192.0.2.1',
      presented: 'bearer',
      detail: 'This ingest key is unknown.',
    },
  ]);
  refusals.look(59_000);
  expect(entries).toHaveLength(1);
  refusals.look(61_000);
  expect(entries[1]).toMatchObject({ reason: 'unknown', count: 99 });
  expect(counted).toBe(100);
  // Still going on: no other first.
  refusals.note(refusal(), 62_000);
  expect(entries).toHaveLength(2);
  refusals.look(125_000);
  expect(entries[2]).toMatchObject({ count: 1 });
  refusals.look(190_000);
  refusals.note(refusal(), 200_000);
  expect(entries).toHaveLength(4);
  expect(entries[3]).not.toHaveProperty('count');
});

test('another reason, identity, certificate or network is told by itself; a neighbour in one network is not', () => {
  refusals.note(refusal(), 0);
  refusals.note(refusal({ reason: 'revoked' }), 0);
  refusals.note(refusal({ identity: 'a', credential: 'c' }), 0);
  refusals.note(refusal({ thumbprint: 'x' }), 0);
  refusals.note(refusal({ address: '192.0.2.2' }), 0);
  refusals.note(refusal({ address: '2001:db8::1' }), 0);
  expect(entries).toHaveLength(6);
  refusals.note(refusal({ address: '2001:db8::2' }), 0);
  expect(entries).toHaveLength(6);
  expect(entries[2]).toMatchObject({ identity: 'a', credential: 'c' });
});

// Entries are for ever: whoever can reach the port could fill the disk with them, if this fails.
test('a flood from everywhere is a bounded number of entries, and all of it is counted', () => {
  for (let at = 0; at < 5_000; at += 1)
    refusals.note(refusal({ address: `10.0.${at >> 8}.${at & 255}` }), at);
  expect(entries.length).toBeLessThanOrEqual(62);
  const before = entries.length;
  refusals.look(70_000);
  expect(entries.slice(before)).toEqual([
    {
      count: 5_000 - before,
      reasons: { unknown: 5_000 - before },
      detail: 'So many more were refused than are told one by one.',
    },
  ]);
});

// Whoever wants a refusal kept out of the log would make others first, if one of these fails.
test('no flood of strangers keeps the refusal of a known identity or API key out of the log', () => {
  for (let at = 0; at < 500; at += 1)
    refusals.note(refusal({ address: `10.0.${at >> 8}.${at & 255}` }), 0);
  refusals.note(refusal({ reason: 'revoked', identity: 'a', credential: 'c' }), 0);
  refusals.note(refusal({ reason: 'expired', apiKey: 'k' }), 0);
  expect(entries.slice(-2)).toEqual([
    expect.objectContaining({ reason: 'revoked', identity: 'a' }),
    expect.objectContaining({ reason: 'expired', key: 'k' }),
  ]);
});

test('of the certificates of strangers from one network only some are told apart', () => {
  for (let at = 0; at < 100; at += 1)
    refusals.note(refusal({ presented: 'certificate', thumbprint: `t${at}` }), 0);
  expect(entries.map(({ thumbprint }) => thumbprint)).toEqual(
    Array.from({ length: 21 }, (_, at) => `t${at}`),
  );
});

test('what cannot be written is told later as how many, and nothing throws', async () => {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  isDown = true;
  refusals.note(refusal(), 0);
  refusals.note(refusal({ reason: 'revoked' }), 0);
  await settle();
  isDown = false;
  refusals.look(61_000);
  await settle();
  expect(entries).toEqual([
    expect.objectContaining({ count: 2, reasons: { revoked: 1, unknown: 1 } }),
  ]);
  told.mockRestore();
});

test('what is counted when it stops is told', async () => {
  for (let at = 0; at < 7; at += 1) refusals.note(refusal(), at);
  await refusals.stop();
  expect(entries[1]).toMatchObject({ count: 6, reasons: { unknown: 6 } });
});

test('a long detail is cut', () => {
  refusals.note(refusal({ detail: 'x'.repeat(10_000) }), 0);
  expect(entries[0]?.detail).toHaveLength(500);
});

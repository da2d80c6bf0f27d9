import { createGzip, deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { inflateBounded } from './inflate';

const bounds = { bytesMax: 32 * 1024 * 1024, ratioMax: 100 };
const text = Buffer.from('one span after another, '.repeat(500));

test.each([
  ['nothing', undefined, text],
  ['identity', 'identity', text],
  ['gzip', 'gzip', gzipSync(text)],
  ['gzip, shouted', ' GZIP ', gzipSync(text)],
  ['deflate', 'deflate', deflateSync(text)],
  [
    'gzip of two members',
    'gzip',
    Buffer.concat([gzipSync(text.subarray(0, 99)), gzipSync(text.subarray(99))]),
  ],
])('%s is taken off', (_what, encoding, body) => {
  const inflated = inflateBounded(body, encoding, bounds);
  expect(inflated.ok && inflated.value.equals(text)).toBe(true);
});

test.each(['br', 'zstd', 'gzip, gzip', 'constructor', '__proto__'])('%s is refused', (encoding) => {
  expect(inflateBounded(text, encoding, bounds)).toMatchObject({
    ok: false,
    reason: 'unsupported_encoding',
  });
});

describe('a body that is not what it says is malformed', () => {
  const whole = gzipSync(text);
  const corrupt = Buffer.from(whole);
  corrupt[20] = (corrupt[20] ?? 0) ^ 0xff;
  test.each([
    ['empty', Buffer.alloc(0)],
    ['plain text', text],
    ['cut in its data', whole.subarray(0, 30)],
    ['cut in its checksum', whole.subarray(0, -3)],
    ['one bit off', corrupt],
    ['followed by rubbish', Buffer.concat([whole, Buffer.from('rubbish')])],
    ['followed by zeros', Buffer.concat([whole, Buffer.alloc(40)])],
  ])('%s', (_what, body) => {
    expect(inflateBounded(body, 'gzip', bounds)).toMatchObject({ ok: false, reason: 'malformed' });
  });
});

describe('a bomb is refused before it is held', () => {
  const GIB = 1024 ** 3;
  let bomb: Buffer;
  beforeAll(async () => {
    bomb = await gzipOfZeros(GIB);
  }, 60_000);

  test('1 GiB of zeros, by its ratio', () => {
    expect(bomb.length).toBeLessThan(GIB / 200);
    expect(heldWhile(() => refusalOf(bomb, { bytesMax: 4 * GIB, ratioMax: 20 }))).toBeLessThan(
      256 * 1024 ** 2,
    );
  });

  test('1 GiB of zeros, by its size', () => {
    expect(heldWhile(() => refusalOf(bomb, { bytesMax: 8_000_000, ratioMax: 5_000 }))).toBeLessThan(
      64 * 1024 ** 2,
    );
  });

  test('of many small members, by their sum', () => {
    const member = gzipSync(Buffer.alloc(1024 ** 2));
    refusalOf(Buffer.concat(Array(64).fill(member)), bounds);
  });

  function refusalOf(body: Buffer, within: typeof bounds): void {
    expect(inflateBounded(body, 'gzip', within)).toMatchObject({ ok: false, reason: 'bomb' });
  }
});

test('a plain body over the bound is refused too', () => {
  const refusal = inflateBounded(text, undefined, { bytesMax: 100, ratioMax: 1 });
  expect(refusal).toMatchObject({ ok: false, reason: 'bomb' });
});

test('a short body may be repetitive: no ratio is dangerous below a mebibyte', () => {
  const zeros = Buffer.alloc(1_000_000);
  expect(inflateBounded(gzipSync(zeros), 'gzip', bounds)).toMatchObject({ ok: true });
});

async function gzipOfZeros(bytes: number): Promise<Buffer> {
  const gzip = createGzip({ level: 1 });
  const zeros = Buffer.alloc(1024 * 1024);
  const writing = (async () => {
    for (let written = 0; written < bytes; written += zeros.length)
      if (!gzip.write(zeros)) await new Promise((resolve) => gzip.once('drain', resolve));
    gzip.end();
  })();
  const chunks: Buffer[] = [];
  for await (const chunk of gzip) chunks.push(chunk);
  await writing;
  return Buffer.concat(chunks);
}

/** How far the most memory this process ever held went up. */
function heldWhile(run: () => void): number {
  const before = process.resourceUsage().maxRSS;
  run();
  return (process.resourceUsage().maxRSS - before) * 1024;
}

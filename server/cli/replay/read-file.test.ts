import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { dojoRun, sweRun, tauRun } from '@/tests/support/trajectories';
import { findFaultLine } from './find-fault';
import { type FileRecord, readFile } from './read-file';
import { readRun } from './read-run';

const folder = mkdtempSync(path.join(tmpdir(), 'sallyport-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(content: string | Buffer): Promise<FileRecord[]> {
  const file = path.join(folder, 'runs');
  writeFileSync(file, content);
  const records: FileRecord[] = [];
  for await (const record of readFile(file)) records.push(record);
  return records;
}

const lines = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join('\n');

test('a file of lines and one document are told apart by content, plain or gzip', async () => {
  const two = lines(dojoRun(1), dojoRun(2));
  const list = JSON.stringify([tauRun(0), tauRun(1)], null, 2);
  for (const content of [two, gzipSync(two), list, gzipSync(list)])
    expect((await read(content)).map((record) => 'value' in record)).toEqual([true, true]);
  expect(await read(JSON.stringify(sweRun(), null, 2))).toHaveLength(1);
});

test('a broken line is told by its number, and the ones after it are read', async () => {
  const records = await read(`${lines(dojoRun(1))}\n{"messages": [\n\n${lines(dojoRun(2))}\n`);
  expect(records.map((record) => ('reason' in record ? record.line : 'run'))).toEqual([
    'run',
    2,
    'run',
  ]);
});

test('what is too deep, too long, cut short or no JSON has a reason and throws nothing', async () => {
  const deep = `{"messages":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  const long = `{"messages":"${'x'.repeat(17 * 1024 * 1024)}"}`;
  const whole = gzipSync(lines(dojoRun(1), dojoRun(2)));
  const [first, ...rest] = await read(
    `${lines(dojoRun(1))}\n${deep}\n${long}\n${lines(dojoRun(2))}`,
  );
  expect(first).toHaveProperty('value');
  expect(rest.slice(0, 2)).toEqual([
    { line: 2, reason: expect.stringContaining('deeper') },
    { line: 3, reason: expect.stringContaining('16 MB') },
  ]);
  expect(rest[2]).toHaveProperty('value');
  expect((await read(whole.subarray(0, whole.length - 20))).at(-1)).toMatchObject({
    reason: expect.stringContaining('cannot be read on'),
  });
  expect(await read('{"a": 1,\n"b": }\n')).toEqual([
    { line: 2, reason: expect.stringContaining('Not JSON') },
  ]);
  expect(await read('')).toEqual([{ line: 1, reason: expect.stringContaining('Not JSON') }]);
});

test('a plain transcript is refused as a whole, other JSON run by run', async () => {
  expect(readRun('f', '', { messages_display: 'user: hi' })).toMatchObject({ isWholeFile: true });
  expect(readRun('f', '', { hello: 1 })).toHaveProperty('reason');
  expect(readRun('f', '', { messages: [{ role: 'wizard' }] })).toHaveProperty('reason');
  expect(readRun('f', '', dojoRun(1, { messages: [] }))).toHaveProperty('reason');
});

test.each([
  ['[1,\n2,\n,3]', 3],
  ['{"a": [true,\n]}', 2],
  ['{\n"a" 1}', 2],
  ['{\n"a": "x\ny"}', 2],
  ['[1]\n\n]', 3],
  ['{"a": {"b": nul\n}}', 1],
])('%j stops being JSON in line %i', (text, line) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(findFaultLine(text)).toBe(line);
});

import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
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
  return readAll(file);
}

async function readAll(file: string): Promise<FileRecord[]> {
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

/** Of each record the line that is broken, or that it is a run. */
const toldOf = (records: readonly FileRecord[]) =>
  records.map((record) => ('reason' in record ? record.line : 'run'));

test('of a list that is broken the broken run is told, and the ones around it are read', async () => {
  const [first, second, third] = [tauRun(0), tauRun(1), tauRun(2)].map((run) =>
    JSON.stringify(run, null, 1),
  );
  const length = (text = '') => text.split('\n').length;
  const broken = second?.replace('"traj":', '"traj"');
  const where =
    length(first) + 2 + (broken ?? '').split('\n').findIndex((line) => line.includes('"traj"'));
  expect(toldOf(await read(`[\n${first},\n${broken},\n${third}\n]`))).toEqual([
    'run',
    where,
    'run',
  ]);
  // What does not end takes the rest with it, and nothing before it.
  const cut = `[\n${first},\n${second},\n${third?.slice(0, 90)}`;
  expect(toldOf(await read(cut)).slice(0, 2)).toEqual(['run', 'run']);
  expect(toldOf(await read(cut))).toHaveLength(3);
  expect(toldOf(await read(`[${first}]\n]`)).at(-1)).toBe(length(first) + 1);
});

test('of a list whose gzip is cut short, in one line or many, the whole runs are read', async () => {
  const runs = Array.from({ length: 40 }, (_, at) => tauRun(at));
  for (const indent of [undefined, 2]) {
    const whole = gzipSync(JSON.stringify(runs, null, indent), { level: 0 });
    const told = toldOf(await read(whole.subarray(0, Math.floor(whole.length * 0.7))));
    expect(told.filter((each) => each === 'run').length).toBeGreaterThan(20);
    expect(told.at(-1)).toBeTypeOf('number');
  }
});

test('a line that ends inside of a string is told at once, however long it is', async () => {
  const cut = `{"messages":"${'x'.repeat(3_000_000)}`;
  const began = performance.now();
  expect(toldOf(await read(`${cut}\n${lines(dojoRun(1))}`))).toEqual([1, 'run']);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test('a line of a quarter of a gigabyte takes no memory, and the run after it is read', async () => {
  const file = path.join(folder, 'bomb');
  const handle = openSync(file, 'w');
  // A file with a hole: zeros that take no disk.
  ftruncateSync(handle, 2 ** 28);
  writeSync(handle, `\n${lines(dojoRun(1))}\n`, 2 ** 28);
  closeSync(handle);
  const before = process.memoryUsage().rss;
  expect(toldOf(await readAll(file))).toEqual([1, 'run']);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 2 ** 20);
}, 30_000);

test('a gzip that would fill a disk is given up, and one that only repeats itself is read', async () => {
  const bomb = gzipSync(Buffer.alloc(100 * 2 ** 20, 0x20));
  const [told, ...more] = await read(bomb);
  expect(told).toEqual({ line: 1, reason: expect.stringContaining('250 times') });
  expect(more).toEqual([]);
  const first = gzipSync(`${lines(dojoRun(1))}\n`);
  expect(toldOf(await read(Buffer.concat([first, bomb])))).toEqual(['run', 2]);
  const same = gzipSync(`${lines(dojoRun(1))}\n`.repeat(3_000));
  expect(toldOf(await read(same)).every((each) => each === 'run')).toBe(true);
}, 30_000);

test.each([
  ['a table', 'suite,pipeline\ngarden,gpt\n', 1],
  ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 1],
  ['a page', '<!doctype html>\n<p>no run</p>\n', 1],
  ['lines of other JSON', '{"a":1}\n{"b":2}\n', 2],
  ['a string', '"messages"', 1],
])('%s holds no run, and says where', async (_what, content, line) => {
  const records = (await read(content)).map((record) =>
    'value' in record ? { ...record, ...readRun('f', record.text, record.value) } : record,
  );
  expect(records).toEqual([expect.objectContaining({ line, reason: expect.any(String) })]);
});

test('what is broken at the start hides no run after it', async () => {
  const good = lines(dojoRun(1), dojoRun(2));
  expect(toldOf(await read(`[oops\n${good}`))).toEqual([1, 'run', 'run']);
  expect(toldOf(await read(`${'oops\n'.repeat(100)}${good}`)).slice(98)).toEqual([
    99,
    100,
    'run',
    'run',
  ]);
  expect(toldOf(await read(`\uFEFF${good}\r\n`))).toEqual(['run', 'run']);
});

test('a plain transcript is refused as a whole, other JSON run by run', async () => {
  expect(readRun('f', '', { messages_display: 'user: hi' })).toMatchObject({ isWholeFile: true });
  expect(readRun('f', '', { hello: 1 })).toHaveProperty('reason');
  expect(readRun('f', '', { messages: [{ role: 'wizard' }] })).toHaveProperty('reason');
  expect(readRun('f', '', dojoRun(1, { messages: [] }))).toHaveProperty('reason');
  expect(readRun('f', '', dojoRun(1, { duration: 1e300 }))).toHaveProperty('reason');
});

test.each([
  ['[1,\n2,\n,3]', 3],
  ['{"a": [true,\n]}', 2],
  ['{\n"a" 1}', 2],
  ['{\n"a": "x\ny"}', 2],
  ['[1]\n\n]', 3],
  ['{"a": {"b": nul\n}}', 1],
  ['{\n"a": "\\x"}', 2],
  ['{\n"a": "\\', 2],
  ['[1,\n{"a":1,\n}]', 3],
  ['\n\n', 3],
])('%j stops being JSON in line %i', (text, line) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(findFaultLine(text)).toBe(line);
});

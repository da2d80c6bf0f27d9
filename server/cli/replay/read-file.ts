import { elementsOf } from './elements';
import { findFaultLine } from './find-fault';
import { type Line, linesOf, openPlain } from './read-lines';
import { isRunLike } from './schema';

const lineBytesMax = 16 * 1024 * 1024;
const documentBytesMax = 256 * 1024 * 1024;
const depthMax = 100;
/** So many lines are looked at to tell a file of lines from one document. */
const peekLinesMax = 64;

/** One run of a file, not yet judged: `text` is what it was read from, `line` where it begins. */
export type FileRecord =
  | { line: number; text: string; value: unknown }
  | { line: number; reason: string };

/**
 * The runs of a file: one a line, or one document that is a run or a list of them; plain or gzip, told by
 * content. Never throws on what a file holds, and goes on after what is broken. A file of lines takes no more
 * memory than its longest line.
 */
export async function* readFile(file: string): AsyncGenerator<FileRecord> {
  const reached = { line: 0 };
  try {
    if (await isFileOfLines(file)) yield* readLines(file, reached);
    else yield* readDocument(file, reached);
  } catch (error) {
    yield { line: reached.line + 1, reason: unreadOf(error) };
  }
}

async function* readLines(file: string, reached: { line: number }): AsyncGenerator<FileRecord> {
  for await (const each of linesOf(await openPlain(file), lineBytesMax)) {
    reached.line = each.line;
    if (!('text' in each) || each.text.trim() !== '') yield recordOf(each);
  }
}

/** Whether one of its first lines is a run; of those of a document none is. */
async function isFileOfLines(file: string): Promise<boolean> {
  try {
    for await (const line of linesOf(await openPlain(file), lineBytesMax)) {
      const isList = 'text' in line && line.line === 1 && line.text.trimStart().startsWith('[');
      if (isList || line.line > peekLinesMax) return false;
      if (isRun(line)) return true;
    }
  } catch {
    // What cannot be read on may be a document whose beginning can.
  }
  return false;
}

async function hasLineOfRun(file: string): Promise<boolean> {
  for await (const line of linesOf(await openPlain(file), lineBytesMax))
    if (isRun(line)) return true;
  return false;
}

function isRun(line: Line): boolean {
  const record = recordOf(line);
  return 'value' in record && isRunLike(record.value);
}

async function* readDocument(file: string, reached: { line: number }): AsyncGenerator<FileRecord> {
  const { text, cutBy } = await readWhole(file);
  const record: FileRecord =
    text === null
      ? { line: 1, reason: `Larger than ${documentBytesMax >> 20} MB, and not a file of lines.` }
      : recordOf({ line: 1, text });
  if (cutBy === null && 'value' in record) {
    if (!Array.isArray(record.value)) yield record;
    else for (const value of record.value) yield { line: 1, text: JSON.stringify(value), value };
    return;
  }
  const elements = text?.trimStart().startsWith('[') ? [...elementsOf(text)] : [];
  if (text !== null && elements.some(isRun)) {
    const records = elements.map(recordOf);
    yield* records;
    if (cutBy !== null) yield { line: text.split('\n').length, reason: unreadOf(cutBy) };
    else if (!records.some((each) => 'reason' in each)) yield record;
    return;
  }
  if (cutBy !== null) throw cutBy;
  if (await hasLineOfRun(file)) yield* readLines(file, reached);
  else yield record;
}

/** All of it, or as much as could be read; null where that is too much. */
async function readWhole(file: string): Promise<{ text: string | null; cutBy: unknown }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let cutBy: unknown = null;
  try {
    for await (const chunk of (await openPlain(file)) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > documentBytesMax) return { text: null, cutBy };
      chunks.push(chunk);
    }
  } catch (error) {
    cutBy = error;
  }
  return { text: Buffer.concat(chunks).toString('utf8'), cutBy };
}

const unreadOf = (error: unknown) => `The file cannot be read on: ${messageOf(error)}.`;

function recordOf(line: Line): FileRecord {
  if (!('text' in line))
    return { line: line.line, reason: `Longer than ${lineBytesMax >> 20} MB.` };
  // A byte order mark is none of JSON's.
  const text = line.text.replace(/^\uFEFF/, '');
  if (depthOf(text) > depthMax)
    return { line: line.line, reason: `Nested deeper than ${depthMax}.` };
  try {
    return { line: line.line, text: text.trim(), value: JSON.parse(text) };
  } catch (error) {
    return {
      line: line.line + findFaultLine(text) - 1,
      reason: `Not JSON: ${messageOf(error)}.`,
    };
  }
}

/** How deep arrays and objects stand in each other, at most; strings are skipped. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isText) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) isText = false;
    } else if (code === 0x22) isText = true;
    else if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return deepest;
}

/** One line without what the file itself said: it goes to a terminal. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/, .*/s, '')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 200);
}

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
 * content. Never throws on what a file holds. A file of lines takes no more memory than its longest line.
 */
export async function* readFile(file: string): AsyncGenerator<FileRecord> {
  let line = 0;
  try {
    if (!(await isFileOfLines(file))) {
      yield* readDocument(file);
      return;
    }
    for await (const each of linesOf(await openPlain(file), lineBytesMax)) {
      line = each.line;
      if (!('text' in each) || each.text.trim() !== '') yield recordOf(each);
    }
  } catch (error) {
    yield { line: line + 1, reason: `The file cannot be read on: ${messageOf(error)}.` };
  }
}

async function isFileOfLines(file: string): Promise<boolean> {
  for await (const line of linesOf(await openPlain(file), lineBytesMax)) {
    if (!('text' in line)) return false;
    if (line.line === 1 && line.text.trimStart().startsWith('[')) return false;
    const record = recordOf(line);
    if ('value' in record && isRunLike(record.value)) return true;
    if (line.line >= peekLinesMax) return false;
  }
  return false;
}

async function* readDocument(file: string): AsyncGenerator<FileRecord> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of (await openPlain(file)) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > documentBytesMax) {
      const reason = `Larger than ${documentBytesMax >> 20} MB, and not a file of lines.`;
      yield { line: 1, reason };
      return;
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const record = recordOf({ line: 1, text });
  if (!('value' in record) || !Array.isArray(record.value)) {
    yield record;
    return;
  }
  for (const value of record.value) yield { line: 1, text: JSON.stringify(value), value };
}

function recordOf(line: Line): FileRecord {
  if (!('text' in line))
    return { line: line.line, reason: `Longer than ${lineBytesMax >> 20} MB.` };
  const { text } = line;
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

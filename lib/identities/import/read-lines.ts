import { parse } from 'csv-parse/sync';
import { AppError } from '@/lib/core/errors';
import { inTurns } from '@/lib/core/in-turns';
import { type ImportFormat, importBytesMax, importLinesMax, type ReadLine } from './schema';

const columns = {
  kind: 'text',
  name: 'text',
  names: 'list',
  owner: 'text',
  sponsor: 'text',
  team: 'text',
  zone: 'text',
  purpose: 'text',
  tags: 'list',
  acts_for: 'list or all',
  expects: 'list',
  reports_for: 'list or all',
} as const;
const rowMax = 64 * 1024;

/**
 * The lines of a file, each by itself: one that cannot be read says why and holds up no other. Throws `invalid_input` or
 * `too_large` on what is no such file at all.
 */
export async function readLines(format: ImportFormat, bytes: Uint8Array): Promise<ReadLine[]> {
  if (bytes.length > importBytesMax)
    throw new AppError('too_large', 'A file has 5 MB at most. Send it in parts.');
  const text = textOf(bytes);
  const lines = format === 'csv' ? await csvLines(text) : jsonLines(text);
  if (lines.length === 0) throw new AppError('invalid_input', 'There is no identity in this file.');
  if (lines.length > importLinesMax)
    throw new AppError('too_large', 'A file has 10,000 identities at most. Send it in parts.');
  return lines;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new AppError('invalid_input', 'This file is no text in UTF-8. Save it as UTF-8.');
  }
}

function jsonLines(text: string): ReadLine[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new AppError('invalid_input', 'This file is no JSON.');
  }
  if (!Array.isArray(parsed))
    throw new AppError('invalid_input', 'The JSON is to be a list of identities.');
  return parsed.map((values: unknown, index) => ({ line: index + 1, values }));
}

/** Line by line, since no value has two: a quote that is not closed swallows its own line and no other. */
async function csvLines(text: string): Promise<ReadLine[]> {
  const rows = text
    .split(/\r\n|\n|\r/)
    .map((row, index) => ({ row, line: index + 1 }))
    .filter(({ row }) => row.trim() !== '');
  const [header, ...rest] = rows;
  const names = headerOf(header === undefined ? [] : (cellsIn(header.row) ?? []));
  return inTurns(rest.slice(0, importLinesMax + 1), ({ row, line }) => {
    if (row.length > rowMax) return { line, wrong: 'It is too long.' };
    const cells = cellsIn(row);
    return cells === null
      ? { line, wrong: 'It cannot be read as CSV: its quotes do not match.' }
      : lineOf(names, cells, line);
  });
}

/** Null where its quotes do not match. */
function cellsIn(row: string): string[] | null {
  try {
    const [cells = []] = parse(row, { relax_column_count: true });
    return cells;
  } catch {
    return null;
  }
}

function headerOf(record: readonly string[]): string[] {
  const names = record.map((cell) =>
    cell
      .trim()
      .toLowerCase()
      .replace(/[\s-]+/g, '_'),
  );
  const unknown = names.filter((name) => !Object.hasOwn(columns, name));
  if (unknown.length > 0 || !names.includes('name') || !names.includes('kind'))
    throw new AppError(
      'invalid_input',
      `The first line names the columns: kind and name, and any of ${Object.keys(columns).slice(2).join(', ')}.`,
    );
  if (new Set(names).size < names.length)
    throw new AppError('invalid_input', 'A column is there twice.');
  return names;
}

function lineOf(names: readonly string[], record: readonly string[], line: number): ReadLine {
  if (record.length > names.length)
    return { line, wrong: `It has ${record.length} cells for ${names.length} columns.` };
  const values: Record<string, unknown> = {};
  names.forEach((name, index) => {
    const cell = (record[index] ?? '').trim();
    if (cell === '' || !Object.hasOwn(columns, name)) return;
    // It is one of the keys, as was just asked.
    values[name] = valueIn(columns[name as keyof typeof columns], cell);
  });
  return { line, values };
}

function valueIn(form: (typeof columns)[keyof typeof columns], cell: string): unknown {
  if (form === 'text') return cell;
  if (form === 'list or all' && cell.toLowerCase() === 'all') return 'all';
  return cell
    .split(';')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

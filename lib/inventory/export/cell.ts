export type Cell = string | number | null;

// What spreadsheets take for a formula at the start of a cell, their full-width forms included; some look
// for it behind quotes and blanks too (CWE-1236).
const formula = /^["'`\s\u200B-\u200F\u2060\uFEFF]*[=+\-@\t\r＝＋－＠]/u;
// What turns text around or breaks its lines unseen, and commands of terminals beyond ASCII.
const hiding = /[\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;
// What else a terminal would obey; JSON escapes these by itself.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this looks for
const commanding = /[\0-\x08\x0B\x0C\x0E-\x1F]/g;

const spelled = (char: string) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** One cell as RFC 4180 has it, which has no escapes: what hides or commands is spelled out. Text is always quoted, and never what a spreadsheet would calculate. */
export function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = cell.replace(commanding, spelled).replace(hiding, spelled);
  return `"${(formula.test(safe) ? `'${safe}` : safe).replaceAll('"', '""')}"`;
}

export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** One object on one line; what hides or commands is escaped there, which means the same. */
export const jsonLine = (value: unknown): string =>
  `${JSON.stringify(value).replace(hiding, spelled)}\n`;

import { csvLine, jsonLine } from '@/lib/inventory/export/cell';
import { auditGroups, labelOf, sentenceOf } from './labels';
import type { AuditEntry, AuditFormat, Names, Subject } from './schema';
import { doerOf, subjectAsked, subjectOf, whoAsked } from './tell';

export type ExportedEntry = AuditEntry & {
  /** RFC 8785 JSON, as it is in the log. */
  raw: string;
  leaf: string | null;
};

const columns = [
  'received_at',
  'entry',
  'kind',
  'group',
  'what',
  'by',
  'name',
  'address',
  'sign_in',
  'subject',
  'subject_name',
  'reason',
  'before',
  'after',
  'facts',
  'leaf',
] as const;

export const auditHead = (format: AuditFormat): string =>
  format === 'csv' ? csvLine(columns) : '';

/** One entry as a line of the file. In CSV each cell is text that no spreadsheet calculates. */
export function auditLine(format: AuditFormat, entry: ExportedEntry, names: Names): string {
  const { kind, facts } = entry;
  const [doer, subject] = [doerOf(kind, facts), subjectOf(kind, facts)];
  const subjectId = subject === null ? null : idOf(subject);
  const record: Record<(typeof columns)[number], string | null> = {
    received_at: entry.receivedAt.toISOString(),
    entry: entry.id,
    kind,
    group: auditGroups[labelOf(kind).group],
    what: sentenceOf(kind, facts),
    by: whoAsked(doer),
    name: doer.kind === 'person' ? (names.get(doer.id)?.name ?? null) : null,
    address: text(facts.address),
    sign_in: text(facts.sign_in),
    subject: subjectId,
    subject_name: subjectId === null ? null : (names.get(subjectId)?.name ?? null),
    reason: text(facts.reason),
    before: json(facts.before),
    after: json(facts.after),
    facts: entry.raw,
    leaf: entry.leaf,
  };
  if (format === 'csv') return csvLine(columns.map((column) => record[column]));
  const { before = null, after = null } = facts;
  return jsonLine({ ...record, before, after, facts });
}

/** The last line of a file that holds less than was asked for. */
export function auditCutLine(format: AuditFormat, after: Date | null): string {
  const what = `This file is cut: reading on takes too long. Entries ${after === null ? 'are' : `after ${after.toISOString()} are`} missing. Export a shorter time, or filter by who or what.`;
  if (format === 'ndjson') return jsonLine({ kind: 'file_cut', what });
  return csvLine(
    columns.map((column) => (column === 'kind' ? 'file_cut' : column === 'what' ? what : null)),
  );
}

const idOf = (subject: Subject): string | null =>
  subject.kind === 'other' ? subject.text : subjectAsked(subject);

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const json = (value: unknown): string | null =>
  value === undefined || value === null ? null : JSON.stringify(value);

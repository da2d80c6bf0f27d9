import { type Change, diffJson, type Json } from './diff';
import { type Hint, reviewHints } from './hints';
import type { DefinitionRow } from './queries';

/** What somebody looks at to decide: one definition, held against what was approved last under its name. */
export type Review = {
  chosen: DefinitionRow;
  /** What was approved last; null where nothing was, or the chosen one is it. */
  approved: DefinitionRow | null;
  /** What a decision refers to, as digests. */
  seen: { against: string | null; newest: string };
  text: string | null;
  difference: { changes: Change[]; more: number } | null;
  hints: Hint[];
};

/** The one that is asked for, else the newest that nobody decided on, else the newest. */
export function chooseDefinition(
  rows: readonly DefinitionRow[],
  asked: string | null,
): DefinitionRow | null {
  return (
    rows.find(({ id }) => id === asked) ??
    rows.find(({ state }) => state === 'unapproved') ??
    rows[0] ??
    null
  );
}

/** Of those under the same name. */
export function approvedBeside(
  rows: readonly DefinitionRow[],
  { name }: DefinitionRow,
): DefinitionRow | null {
  const approved = rows.filter((row) => row.name === name && row.state === 'approved');
  return (
    approved.sort((a, b) => (b.decidedAt?.getTime() ?? 0) - (a.decidedAt?.getTime() ?? 0))[0] ??
    null
  );
}

/** `texts`: canonical JSON by id, as far as it may be read. */
export function reviewOf(
  rows: readonly DefinitionRow[],
  chosen: DefinitionRow,
  texts: ReadonlyMap<string, string>,
): Review {
  const last = approvedBeside(rows, chosen);
  const newest = rows.find(({ name }) => name === chosen.name) ?? chosen;
  const text = texts.get(chosen.id) ?? null;
  const approved = last === null || last.id === chosen.id ? null : last;
  const before = approved === null ? null : parsed(texts.get(approved.id));
  const after = parsed(text);
  return {
    chosen,
    approved,
    seen: { against: last?.digest ?? null, newest: newest.digest },
    text,
    difference: before === null || after === null ? null : diffJson(before, after),
    hints: after === null ? [] : reviewHints(before, after),
  };
}

/** It was canonical JSON when it was sealed. */
const parsed = (text: string | null | undefined): Json | null =>
  text === null || text === undefined ? null : JSON.parse(text);

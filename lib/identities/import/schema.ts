import { z } from 'zod';
import { Reason } from '@/lib/people/reason';
import { DeclaredNames, Expects, IdentityName, identityKinds, Purpose, Tags } from '../schema';
import type { AttributeName } from '../versions/changed-parts';

export const importFormats = ['csv', 'json'] as const;
export type ImportFormat = (typeof importFormats)[number];
export const importBytesMax = 5 * 1024 * 1024;
export const importLinesMax = 10_000;
/** Letters of the mark of a line. */
export const markLength = 12;

/** Somebody by e-mail address or id; a team or zone by name or id. What is left out is not asked. */
const Reference = z.string().trim().min(1).max(320);
const list = (what: string) => z.array(Reference).max(500, `500 ${what} at most.`);
const All = z.literal('all');

/** One identity as a file has it. */
export const ImportLine = z
  .strictObject({
    kind: z.enum(identityKinds, `A kind is one of ${identityKinds.join(', ')}.`),
    name: IdentityName,
    names: DeclaredNames.optional(),
    owner: Reference.optional(),
    sponsor: Reference.optional(),
    team: Reference.optional(),
    zone: Reference.optional(),
    purpose: Purpose.optional(),
    tags: Tags.optional(),
    /** `all`, or e-mail addresses of people and names of teams. */
    acts_for: z.union([All, list('people and teams')]).optional(),
    expects: Expects.optional(),
    reports_for: z.union([All, list('identities')]).optional(),
  })
  .refine(
    ({ kind, reports_for = [] }) => kind === 'service' || reports_for.length === 0,
    'Only a service may report for others.',
  );
export type ImportLine = z.output<typeof ImportLine>;

/** A line as it was read: `line` counts from 1, as an editor does; of JSON it is the place in the list. */
export type ReadLine = { line: number; values: unknown } | { line: number; wrong: string };

export const ImportFile = z.object({
  format: z.enum(importFormats),
  bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
});
/** What whoever imports has seen: nothing else is done. */
export const Seen = z.union([
  z.object({
    /** Of a report: line by line; what differs is left out. */
    marks: z
      .string()
      .regex(/^[\w-]*$/, 'Check the file first.')
      .max(importLinesMax * markLength),
  }),
  z.object({
    /** Of a report: where anything differs, nothing is done. */
    judged: z.string().regex(/^[0-9a-f]{64}$/, 'That is not what a dry run calls `judged`.'),
  }),
]);
export type Seen = z.output<typeof Seen>;

export const ImportIdentities = ImportFile.extend({
  reason: Reason,
  /** Left out: whatever the file comes to now. */
  seen: Seen.optional(),
});
export type ImportIdentities = z.input<typeof ImportIdentities>;

export const importVerdicts = ['made', 'changed', 'unchanged', 'wrong'] as const;
export type ImportVerdict = (typeof importVerdicts)[number];

/** What one line comes to. */
export type ImportedLine = {
  line: number;
  /** As far as it could be read. */
  name: string | null;
  verdict: ImportVerdict;
  /** Of what is wrong: sentences. */
  because: string[];
  /** Of what is changed. */
  changes: AttributeName[];
  /** Another name that it may be taken for. */
  resembles: string | null;
};

export type ImportReport = {
  /** SHA-256 of the file, as hex. */
  digest: string;
  lines: ImportedLine[];
  /** What each line comes to, in so many letters: `markLength` for each, in order. */
  marks: string;
  /** SHA-256 of the marks, as hex. */
  judged: string;
  counts: Record<ImportVerdict, number>;
};

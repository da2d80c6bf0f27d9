import { z } from 'zod';
import { interactionKinds, statuses } from '@/lib/telemetry/schema';
import { Whose } from '../schema';

/** What the entries of one session come to, and whose it is. */
export const SessionRow = Whose.extend({
  id: z.guid(),
  fingerprint: z.string().nullable(),
  onBehalfOf: z.string().nullable(),
  conversation: z.string().nullable(),
  /** When its first entry arrived: no older day holds any of it. */
  firstReceivedAt: z.date(),
  startedAt: z.date(),
  endedAt: z.date(),
  exchanges: z.number(),
  steps: z.number(),
  events: z.number(),
  inferences: z.number(),
  toolCalls: z.number(),
  errors: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  /** Null is unknown, never zero. */
  cost: z.number().nullable(),
  /** Calls whose cost is known, of those that may have one. */
  priced: z.number(),
  usages: z.number(),
  /** What was redacted of its opening entry, whose words these are. */
  redacted: z.string().nullable(),
});
export type SessionRow = z.infer<typeof SessionRow>;

/** The most entries of one session that its page shows. */
export const sessionEntriesMax = 5000;
/** An entry that arrived longer after its end than this is late. */
export const lateMs = 60_000;

/** One entry of a session without its content, as the database tells it. */
export const SessionEntry = z.object({
  id: z.string(),
  /** Milliseconds since 1970 at which it happened; arrival where that is implausible. */
  startedMs: z.number(),
  /** Null where it ends before it starts. */
  tookMs: z.number().nullable(),
  isLate: z.boolean(),
  kind: z.enum(interactionKinds),
  name: z.string(),
  resource: z.string().nullable(),
  model: z.string().nullable(),
  status: z.enum(statuses),
  marks: z.number().int(),
  redacted: z.string().nullable(),
  /** Of inference and embedding only, and null where another entry tells of the same call. */
  tokens: z.number().nullable(),
  /** In US dollars; of the same entries, and null where it is unknown. */
  cost: z.number().nullable(),
  /** Why it does not count: another entry tells of the same call, or of the exchange's other end. */
  uncounted: z.enum(['same_call', 'counterpart']).nullable(),
  promptId: z.string().nullable(),
  toolCallId: z.string().nullable(),
  trace: z.string().nullable(),
  span: z.string().nullable(),
  parent: z.string().nullable(),
});
export type SessionEntry = z.infer<typeof SessionEntry>;

/** A row of the page: what is drawn of an entry, its times relative to the session's start. */
export type ShownEntry = {
  id: string;
  atMs: number;
  tookMs: number | null;
  kind: SessionEntry['kind'];
  what: string;
  status: SessionEntry['status'];
  redacted: string | null;
  tokens: number | null;
  cost: number | null;
  /** Empty for most: `late`, `orphan`, `duplicate`, `cycle`, `early`, `implausible`, and why it is not counted. */
  flags: EntryFlag[];
};
export const entryFlags = [
  'late',
  'orphan',
  'duplicate',
  'cycle',
  'early',
  'implausible',
  'same_call',
  'counterpart',
] as const;
export type EntryFlag = (typeof entryFlags)[number];

import type { EntryPlace } from '@/lib/log/schema';
import type { Status } from '@/lib/telemetry/schema';

/**
 * What part an entry takes in a key that it shares with others. Of each part and owner the first of the log holds
 * the key, so what a key says depends neither on how often it is sent nor on how batches are cut.
 */
export const roles = {
  /** Under an id: told by a log record, by a span, by a span that was served. */
  id: 0,
  /** Under a prompt and what its answer came to: told by a log record, a span. */
  prompt: 3,
  /** Under a span: that span; the log records of each kind written in it; an inference right below it. */
  self: 10,
  written: 11,
  nested: 14,
  /** Under a span: the end that called; the ends that were served, by kind and status. */
  called: 20,
  served: 21,
} as const;

/** Kinds of which both a span and a log record written in it tell. */
export const writtenKinds = ['inference', 'embedding', 'tool_call'] as const;
/** What serves a tool call may be an MCP request, not an inference. */
export const endKinds = ['inference', 'data_transfer', 'call'] as const;
export const endStatuses = ['ok', 'error', 'unset'] as const satisfies readonly Status[];

/** What of an entry says whether it may be the same call as another. */
export type Facts = {
  kind: string;
  status: string;
  spanKind: string | null;
  endedNs: bigint;
  inputTokens: bigint | null;
  outputTokens: bigint | null;
  cost: number | null;
  requestId: string | null;
  responseId: string | null;
  toolCallId: string | null;
};

/** An entry that holds a part in a key. Under an id nothing else of it is asked. */
export type Holder = {
  key: string;
  role: number;
  who: string;
  place: EntryPlace;
  facts: Facts | null;
};

/** Two entries that tell of one call; see `EntryLink` in the schema of the database. */
export type Link = {
  /** The one that gives way. */
  entry: EntryPlace;
  key: string;
  relation: 'same_call' | 'counterpart';
  other: EntryPlace;
  uncounted: 'this' | 'none';
};

/** What a batch changed about which entries count. */
export type Uncounted = {
  /** Positions of entries of the batch that do not count. */
  within: readonly bigint[];
  /** Entries of earlier batches that counted until now. */
  before: readonly EntryPlace[];
  /** Entries of earlier batches that count again, since an earlier entry took their part. */
  again: readonly EntryPlace[];
};

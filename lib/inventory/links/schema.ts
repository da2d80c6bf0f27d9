import type { EntryPlace } from '@/lib/log/schema';

/** An entry as far as it matters to whether another tells of the same call. */
export type Told = {
  place: EntryPlace;
  /** 0 for a log record, 1 for a span, 2 for a metric: the lowest is counted. */
  preference: number;
  reporter: string;
};

/** Two entries that tell of one call; see `EntryLink` in the schema of the database. */
export type Link = {
  entry: EntryPlace;
  relation: 'same_call' | 'counterpart';
  other: EntryPlace;
  uncounted: 'this' | 'other';
};

/** What a batch changed about which entries count. */
export type Uncounted = {
  /** Positions of entries of the batch that do not count. */
  within: readonly bigint[];
  /** Entries of earlier batches that counted until now. */
  before: readonly EntryPlace[];
};

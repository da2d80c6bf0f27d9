import type { BodyRole, Interaction, Measurement, Signal, Vantage } from '@/lib/telemetry/schema';

/** Stands for "nobody registered" where an identity is part of a key. */
export const shadowIdentity = '00000000-0000-0000-0000-000000000000';

/** Where an entry stands. Position is not in the leaf: inclusion in the shard's tree gives it. */
export type EntryPlace = { receivedAt: Date; shard: number; position: bigint };

/** An interaction with the three whos settled: `reporter` sent it, `identity` did it, the rest is declared. */
export type AttributedInteraction = Interaction & {
  reporter: string;
  /** Null is shadow activity. */
  identity: string | null;
  vantage: Vantage;
  /** Of shadow activity: 16 bytes over what it declares of itself. */
  fingerprint: Uint8Array | null;
  /** UUID over (identity or fingerprint, conversation), else the trace. */
  session: string;
};

/** A measurement with the three whos settled, as of an interaction. */
export type AttributedMeasurement = Measurement & {
  reporter: string;
  identity: string | null;
  vantage: Vantage;
  fingerprint: Uint8Array | null;
  /** Null where no conversation was told. */
  session: string | null;
  /** Which points belong together over time; null where no sum can be taken of them. */
  series: Uint8Array | null;
};

/** A body as the leaf knows it: `bytes` long, digest in hex. */
export type BodyDigest = { role: BodyRole; bytes: number; digest: string };

/** What every entry has beside its facts, hashed and framed, ready for a place in the log. */
type Prepared = {
  /** Under what a repeat of the item is known, as latin1 text of 32 characters. */
  key: string;
  /** Keyed SHA-256 of what was sent, encoding aside, as latin1 text: equal means a repeat. */
  digest: string;
  /** All bodies with their salts, not yet encrypted; null when there are none. */
  frame: Buffer | null;
  /** Role, size and salted digest of each body. */
  digests: readonly BodyDigest[];
  /** A complete request holding only this item, should the database refuse it; null where none is kept. */
  raw: () => Buffer | null;
};
export type PreparedInteraction = Prepared & { interaction: AttributedInteraction };
export type PreparedMeasurement = Prepared & { measurement: AttributedMeasurement };
export type PreparedEntry = PreparedInteraction | PreparedMeasurement;

/** What kinds of entry telemetry becomes. */
export type TelemetryKind = 'interaction' | 'measurement';

/** An item that could not become an entry, kept with its reason until it is replayed or expires. */
export type RefusedItem = {
  signal: Signal;
  reason: string;
  detail: string;
  bytes: number;
  /** A complete request holding only this item; null where none is kept. */
  raw: Buffer | null;
};

/** What became of one append, known after commit. */
export type AppendOutcome = {
  stored: number;
  duplicates: number;
  conflicting: number;
  /** Items that the database would not take, now in quarantine; those refused before are not repeated here. */
  refused: RefusedItem[];
};

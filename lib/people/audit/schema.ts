import { z } from 'zod';

/** The facts of one entry, as they are in the log. */
export const Facts = z.record(z.string(), z.unknown());
export type Facts = z.infer<typeof Facts>;

/** Who did it, as far as the entry tells. */
export type Doer =
  | { kind: 'person'; id: string }
  | { kind: 'operator'; name: string }
  /** Whoever asked, who had not proved to be anybody. */
  | { kind: 'unproven' }
  | { kind: 'system'; word: string };

/** On what it was done. */
export type Subject =
  | {
      kind:
        | 'identity'
        | 'person'
        | 'team'
        | 'session'
        | 'entry'
        | 'item'
        | 'credential'
        | 'export'
        | 'resource';
      id: string;
    }
  | { kind: 'shadow'; fingerprint: string; reporter: string | null }
  | { kind: 'other'; text: string };

/** How much content one person read within one minute. */
export type Reads = {
  interactions: number;
  conversations: number;
  /** Resources whose definitions were read. */
  resources: number;
  searches: number;
  items: number;
  /** Entries of the log that tell of it. */
  entries: number;
  addresses: number;
};

export type AuditEntry = {
  /** As in addresses; see lib/inventory/entry-id. */
  id: string;
  receivedAt: Date;
  shard: number;
  position: bigint;
  kind: string;
  facts: Facts;
};

/** A row of the list: an entry, or the newest of those that tell of one person reading in one minute. */
export type AuditRow = AuditEntry & { reads: Reads | null };

/** What ids stand for now. */
export type Names = ReadonlyMap<string, { name: string; kind: string; email: string | null }>;

export const auditFormats = ['ndjson', 'csv'] as const;
export type AuditFormat = (typeof auditFormats)[number];

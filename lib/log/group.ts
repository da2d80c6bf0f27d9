import { type AppendRequest, itemsOf, type PendingAppend } from './append-queue';
import type { BodyKey } from './body-key';
import { type Judged, judgeEntries } from './dedupe';
import type { GroupEncoder, GroupPlace } from './encode-group';
import type { AppendOutcome } from './schema';
import type { ShardLease } from './shard-lease';

/** Some value of an entry has no binary form: no database would take it either. */
export class NotEncodable extends Error {
  constructor(cause: unknown) {
    super('an entry cannot be encoded', { cause });
    this.name = 'NotEncodable';
  }
}

/** Requests encoded to be appended in one transaction, at the end of one shard as it was expected to be. */
export class Group {
  readonly requests: PendingAppend[] = [];
  readonly encoder: GroupEncoder;
  readonly receivedAt: Date;
  /** Items of any kind, as far as they bound a group. */
  rows = 0;
  bytes = 0;
  /** Entries to be appended. */
  slots = 0;
  private readonly judged: Judged[][] = [];
  private readonly known: Map<string, string>;
  private readonly key: BodyKey;
  private readonly lease: ShardLease;
  private readonly firstPosition: bigint;

  /** `known`: keys and digests that are stored already, as far as they were looked up. */
  constructor(
    encoder: GroupEncoder,
    at: { lease: ShardLease; key: BodyKey; place: GroupPlace },
    known: Map<string, string>,
  ) {
    this.encoder = encoder;
    this.known = known;
    this.key = at.key;
    this.lease = at.lease;
    this.firstPosition = at.place.firstPosition;
    this.receivedAt = at.place.receivedAt;
    encoder.open(at.place);
  }

  /** Throws NotEncodable; then the group is of no use any more. */
  add(request: PendingAppend): void {
    try {
      this.encode(request);
    } catch (cause) {
      throw new NotEncodable(cause);
    }
  }

  private encode(request: PendingAppend): void {
    const judged = judgeEntries(request.entries, this.known);
    for (const slot of judged) {
      if (slot === 'duplicate') continue;
      this.encoder.add(slot, this.key);
      this.slots += 1;
    }
    for (const item of request.refused) this.encoder.addRefused(request.reporter, item, this.key);
    this.requests.push(request);
    this.judged.push(judged);
    this.rows += itemsOf(request);
    this.bytes += request.bytes;
  }

  /** Whether the shard ends where, and not after when, this group was encoded to begin. */
  fits(lease: ShardLease): boolean {
    return (
      this.lease === lease &&
      this.firstPosition === lease.nextPosition &&
      this.receivedAt.getTime() >= lease.lastReceivedAtMs
    );
  }

  /** One query and its data, all or nothing; null when there is nothing to write. */
  finish(): { sql: string; data: Buffer[] } | null {
    const { sql, data } = this.encoder.finish();
    const statements = this.requests.flatMap(({ replayed }) => replayed ?? []).map(replayStatement);
    if (this.slots > 0) statements.push(this.headStatement());
    if (sql !== '') statements.push(sql);
    return statements.length === 0 ? null : { sql: statements.join(';'), data };
  }

  /** What became of each request, if it commits. */
  outcomes(): AppendOutcome[] {
    return this.judged.map((judged) => {
      const kept = judged.filter((slot) => slot !== 'duplicate');
      return {
        stored: kept.length,
        duplicates: judged.length - kept.length,
        conflicting: kept.filter(({ isConflicting }) => isConflicting).length,
        refused: [],
      };
    });
  }

  /** Moves the shard's head in the transaction that appends: readers and successors go by it. */
  private headStatement(): string {
    const next = this.firstPosition + BigInt(this.slots);
    return `UPDATE shard SET next_position = ${next}, last_received_at = '${this.receivedAt.toISOString()}' WHERE id = ${this.lease.shard}`;
  }
}

/**
 * What was accepted is in the log now and goes from quarantine, so that an erasure finds it in one place. The id is
 * this side's own, checked all the same, since a COPY query takes no parameters.
 */
function replayStatement({ id, state }: NonNullable<AppendRequest['replayed']>[number]): string {
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new RangeError('not a UUID');
  const gone = state === 'accepted' ? ', item = NULL, key_id = NULL' : '';
  return `UPDATE quarantine SET replayed_at = now(), replay_state = '${state}'${gone} WHERE id = '${id}'`;
}

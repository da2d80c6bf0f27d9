import { hash } from 'node:crypto';
import { newId } from '@/lib/core/ids';
import { marks } from '@/lib/telemetry/schema';
import { type BodyKey, quarantinePlace } from './body-key';
import { factColumns } from './columns';
import { CopyRows } from './copy-rows';
import { factsJson, leafOf, SALT_BYTES, saltedDigest, unpackBodies } from './leaf';
import { randomView } from './prepare';
import type { AttributedInteraction, EntryPlace, PreparedEntry, RefusedItem } from './schema';

/** One entry on its way into the log: `seenKey` is null when its key is known already. */
export type Slot = { entry: PreparedEntry; seenKey: string; isConflicting: boolean };
export type RefusedSlot = { reporter: string; item: RefusedItem };

export type GroupPlace = { receivedAt: Date; shard: number; firstPosition: bigint };

const INTERACTION_COLUMNS = [
  'received_at',
  'shard',
  'position',
  ...factColumns.map(({ column }) => column),
  'bodies',
  'salt',
];
const copy = (table: string, columns: readonly string[]) =>
  `COPY ${table} (${columns.join(', ')}) FROM STDIN (FORMAT binary)`;
const SEEN = copy('seen', ['key', 'digest', 'received_at']);
const INTERACTION = copy('interaction', INTERACTION_COLUMNS);
const BODY = copy('body', ['received_at', 'shard', 'position', 'key_id', 'content']);
const QUARANTINE = copy('quarantine', [
  'id',
  'received_at',
  'reporter',
  'signal',
  'reason',
  'detail',
  'bytes',
  'digest',
  'key_id',
  'item',
]);
const LOG_ENTRY = copy('log_entry', [
  'received_at',
  'shard',
  'position',
  'kind',
  'reporter',
  'leaf',
]);

/** Buffers of one group. They may be used again once the database has answered without an error. */
export class GroupEncoder {
  private readonly seen = new CopyRows(256 * 1024);
  private readonly interaction = new CopyRows(1024 * 1024);
  private readonly body = new CopyRows(1024 * 1024);
  private readonly quarantine = new CopyRows(16 * 1024);
  private readonly logEntry = new CopyRows(256 * 1024);

  /** One query and its data; the entries themselves come last, after all they stand on. */
  encode(
    slots: readonly Slot[],
    refused: readonly RefusedSlot[],
    place: GroupPlace,
    key: BodyKey,
  ): { sql: string; data: Buffer[] } {
    for (const rows of [this.seen, this.interaction, this.body, this.quarantine, this.logEntry])
      rows.reset();
    const receivedAt = place.receivedAt.toISOString();
    let position = place.firstPosition;
    for (const slot of slots) {
      this.encodeSlot(
        slot,
        { receivedAt: place.receivedAt, shard: place.shard, position },
        receivedAt,
        key,
      );
      position += 1n;
    }
    for (const { reporter, item } of refused)
      this.encodeRefused(reporter, item, place.receivedAt, key);
    const tables: [string, CopyRows][] = [
      [SEEN, this.seen],
      [INTERACTION, this.interaction],
      [BODY, this.body],
      [QUARANTINE, this.quarantine],
      [LOG_ENTRY, this.logEntry],
    ];
    const filled = tables.filter(([, rows]) => rows.rows > 0);
    return {
      sql: filled.map(([sql]) => sql).join(';'),
      data: filled.map(([, rows]) => rows.finish()),
    };
  }

  private encodeSlot(
    { entry, seenKey, isConflicting }: Slot,
    place: EntryPlace,
    receivedAt: string,
    key: BodyKey,
  ): void {
    const { interaction } = entry;
    if (isConflicting) interaction.marks |= marks.conflicting;
    this.seen.row(3);
    this.seen.latin1(seenKey);
    this.seen.latin1(entry.digest);
    this.seen.timestamp(place.receivedAt);

    const salt = randomView(SALT_BYTES);
    const leaf = leafOf({
      kind: 'interaction',
      receivedAt,
      reporter: interaction.reporter,
      factsDigest: saltedDigest(salt, factsJson(interaction)),
      bodies: unpackBodies(entry.bodies),
    });
    this.placed(this.interaction, INTERACTION_COLUMNS.length, place);
    this.encodeFacts(interaction);
    this.interaction.bytes(entry.bodies);
    this.interaction.bytes(salt);

    if (entry.frame !== null) {
      this.placed(this.body, 5, place);
      this.body.uuid(key.id);
      this.body.bytes(key.seal(entry.frame, place));
    }
    this.placed(this.logEntry, 6, place);
    this.logEntry.text('interaction');
    this.logEntry.uuid(interaction.reporter);
    this.logEntry.latin1(leaf);
  }

  private placed(
    rows: CopyRows,
    columns: number,
    { receivedAt, shard, position }: EntryPlace,
  ): void {
    rows.row(columns);
    rows.timestamp(receivedAt);
    rows.int4(shard);
    rows.int8(position);
  }

  private encodeFacts(interaction: AttributedInteraction): void {
    const rows = this.interaction;
    for (const { key, type } of factColumns) {
      const value = interaction[key];
      if (value === null) rows.null();
      else if (typeof value === 'string') {
        if (type === 'uuid') rows.uuid(value);
        else rows.text(value);
      } else if (typeof value === 'bigint') rows.int8(value);
      else if (typeof value !== 'number') rows.bytes(value);
      else if (type === 'int4') rows.int4(value);
      else if (type === 'count') rows.count(value);
      else rows.float8(value);
    }
  }

  private encodeRefused(reporter: string, item: RefusedItem, receivedAt: Date, key: BodyKey): void {
    const rows = this.quarantine;
    const id = newId(receivedAt.getTime());
    rows.row(10);
    rows.uuid(id);
    rows.timestamp(receivedAt);
    rows.uuid(reporter);
    rows.text(item.signal);
    rows.text(item.reason);
    // It may quote what was sent, which PostgreSQL need not be able to hold.
    rows.text(item.detail.toWellFormed().replaceAll('\0', '\ufffd'));
    rows.int4(item.bytes);
    if (item.raw === null) {
      rows.bytes(Buffer.alloc(0));
      rows.null();
      rows.null();
      return;
    }
    rows.latin1(hash('sha256', item.raw, 'binary'));
    rows.uuid(key.id);
    rows.bytes(key.seal(item.raw, quarantinePlace(id)));
  }
}

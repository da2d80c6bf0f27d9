import { hash } from 'node:crypto';
import { newId } from '@/lib/core/ids';
import { marks } from '@/lib/telemetry/schema';
import { type BodyKey, quarantinePlace } from './body-key';
import {
  type FactTable,
  type FactValue,
  factColumns,
  factValues,
  interactionFacts,
} from './columns';
import { CopyRows, postgresTime } from './copy-rows';
import { factsJsonOf, leafOf, packBodies, SALT_BYTES, saltedDigest } from './leaf';
import { measurementColumns, measurementFacts, measurementValues } from './measurement-columns';
import { randomView } from './prepare';
import type { EntryPlace, PreparedEntry, RefusedItem, TelemetryKind } from './schema';

/** One entry on its way into the log; `seenKey` is what it is remembered under. */
export type Slot = { entry: PreparedEntry; seenKey: string; isConflicting: boolean };

/** Where a group goes: one arrival time, and positions from here on. */
export type GroupPlace = { receivedAt: Date; shard: number; firstPosition: bigint };

const placedColumns = (columns: readonly { column: string }[]) => [
  'received_at',
  'shard',
  'position',
  ...columns.map(({ column }) => column),
  'bodies',
  'salt',
];
const INTERACTION_COLUMNS = placedColumns(factColumns);
const MEASUREMENT_COLUMNS = placedColumns(measurementColumns);
const copy = (table: string, columns: readonly string[]) =>
  `COPY ${table} (${columns.join(', ')}) FROM STDIN (FORMAT binary)`;
const SEEN = copy('seen', ['key', 'digest', 'received_at']);
const INTERACTION = copy('interaction', INTERACTION_COLUMNS);
const MEASUREMENT = copy('measurement', MEASUREMENT_COLUMNS);
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

/** Buffers of one group, filled entry by entry. They are free again once the database has answered without an error. */
export class GroupEncoder {
  private readonly seen = new CopyRows(256 * 1024);
  private readonly interaction = new CopyRows(1024 * 1024);
  private readonly measurement = new CopyRows(16 * 1024);
  private readonly body = new CopyRows(1024 * 1024);
  private readonly quarantine = new CopyRows(16 * 1024);
  private readonly logEntry = new CopyRows(256 * 1024);
  private readonly place: EntryPlace = { receivedAt: new Date(0), shard: 0, position: 0n };
  private arrival = { receivedAt: '', arrival: 0n };

  /** Starts a group; what was in the buffers is gone. */
  open({ receivedAt, shard, firstPosition }: GroupPlace): void {
    for (const rows of [
      this.seen,
      this.interaction,
      this.measurement,
      this.body,
      this.quarantine,
      this.logEntry,
    ])
      rows.reset();
    Object.assign(this.place, { receivedAt, shard, position: firstPosition });
    this.arrival = { receivedAt: receivedAt.toISOString(), arrival: postgresTime(receivedAt) };
  }

  /** Encodes one entry at the next position. */
  add(slot: Slot, key: BodyKey): void {
    this.encodeSlot(slot, this.place, this.arrival, key);
    this.place.position += 1n;
  }

  addRefused(reporter: string, item: RefusedItem, key: BodyKey): void {
    this.encodeRefused(reporter, item, this.place.receivedAt, key);
  }

  /** One query and its data; the entries themselves come last, after all they stand on. */
  finish(): { sql: string; data: Buffer[] } {
    const tables: [string, CopyRows][] = [
      [SEEN, this.seen],
      [INTERACTION, this.interaction],
      [MEASUREMENT, this.measurement],
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
    { receivedAt, arrival }: { receivedAt: string; arrival: bigint },
    key: BodyKey,
  ): void {
    const isInteraction = 'interaction' in entry;
    const subject = isInteraction ? entry.interaction : entry.measurement;
    if (isConflicting) subject.marks |= marks.conflicting;
    this.seen.row(3);
    this.seen.latin1(seenKey);
    this.seen.latin1(entry.digest);
    this.seen.int8(arrival);

    const kind: TelemetryKind = isInteraction ? 'interaction' : 'measurement';
    const facts = isInteraction
      ? factValues(entry.interaction)
      : measurementValues(entry.measurement);
    const table = isInteraction ? interactionFacts : measurementFacts;
    const salt = randomView(SALT_BYTES);
    const leaf = leafOf({
      kind,
      receivedAt,
      reporter: subject.reporter,
      factsDigest: saltedDigest(salt, factsJsonOf(facts, table)),
      bodies: entry.digests,
    });
    const rows = isInteraction ? this.interaction : this.measurement;
    // Between place, bodies and salt.
    this.placed(rows, facts.length + 5, place, arrival);
    encodeFacts(rows, facts, table);
    rows.bytes(packBodies(entry.digests));
    rows.bytes(salt);

    if (entry.frame !== null) {
      this.placed(this.body, 5, place, arrival);
      this.body.uuid(key.id);
      this.body.bytes(key.seal(entry.frame, place));
    }
    this.placed(this.logEntry, 6, place, arrival);
    this.logEntry.text(kind);
    this.logEntry.uuid(subject.reporter);
    this.logEntry.latin1(leaf);
  }

  private placed(
    rows: CopyRows,
    columns: number,
    { shard, position }: EntryPlace,
    arrival: bigint,
  ): void {
    rows.row(columns);
    rows.int8(arrival);
    rows.int4(shard);
    rows.int8(position);
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

function encodeFacts(rows: CopyRows, facts: readonly FactValue[], { types }: FactTable): void {
  for (let index = 0; index < facts.length; index += 1) {
    const value = facts[index];
    const type = types[index];
    if (value === null || value === undefined) rows.null();
    else if (typeof value === 'string') {
      if (type === 'uuid') rows.uuid(value);
      else rows.text(value);
    } else if (typeof value === 'bigint') rows.int8(value);
    else if (typeof value === 'boolean') rows.boolean(value);
    else if (typeof value !== 'number') rows.bytes(value);
    else if (type === 'int4') rows.int4(value);
    else if (type === 'count') rows.count(value);
    else rows.float8(value);
  }
}

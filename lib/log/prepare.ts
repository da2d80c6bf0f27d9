import { randomFillSync } from 'node:crypto';
import { uuidOf } from '@/lib/core/ids';
import { type Body, marks, type Signal } from '@/lib/telemetry/schema';
import { soundText } from '@/lib/telemetry/sound-text';
import { factColumns } from './columns';
import { encodeFrame } from './frame';
import { HashInput } from './hash-input';
import { measurementColumns } from './measurement-columns';
import type {
  AttributedInteraction,
  AttributedMeasurement,
  PreparedInteraction,
  PreparedMeasurement,
} from './schema';

const input = new HashInput();

const pool = Buffer.allocUnsafe(64 * 1024);
let poolAt = pool.length;

/** Random bytes, drawn from the system 64 KiB at a time; the view is valid until the next draws. */
export function randomView(bytes: number): Buffer {
  if (poolAt + bytes > pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  poolAt += bytes;
  return pool.subarray(poolAt - bytes, poolAt);
}

/**
 * Not of the content itself: who it was attributed to, what this side made of it, and columns that came later,
 * without which what was sent before and is sent again would be other content.
 */
const notSent = new Set([
  'reporter',
  'identity',
  'vantage',
  'fingerprint',
  'session',
  'marks',
  'redacted',
  'signal',
  'kind',
  'span_kind',
]);
const sentKeys = factColumns.filter(({ column }) => !notSent.has(column)).map(({ key }) => key);

/**
 * What makes two deliveries the same, whatever encoding carried them. `pepper` keys the digest, so that it
 * cannot be used to guess what an erased entry said. To be taken before the content policy.
 */
export function contentDigest(interaction: AttributedInteraction, pepper: string): string {
  input.reset().text(pepper);
  for (const key of sentKeys) {
    const value = interaction[key];
    if (value === null) input.null();
    else if (typeof value === 'string') input.text(value);
    else if (typeof value === 'number') input.number(value);
    else if (typeof value === 'bigint') input.int64(value);
    else input.bytes(value);
  }
  for (const { role, text } of interaction.bodies) input.text(role).text(text);
  return input.digest();
}

/** SHA-256(reporter ‖ signal ‖ trace ‖ span), each with its length, as latin1 text. */
export function itemKey(
  reporter: string,
  signal: Signal,
  trace: Uint8Array,
  span: Uint8Array,
): string {
  return input.reset().text(reporter).text(signal).bytes(trace).bytes(span).digest();
}

/** Sessions of the last spans: most spans belong to one that was just met. */
const SESSIONS_MAX = 10_000;
const sessions = new Map<string, string>();

/**
 * A UUID version 8 (RFC 9562 §5.8) over (identity or fingerprint, conversation), else over the trace. Never the
 * trace's own bytes: a sender chooses those, and could choose another's session.
 */
export function sessionOf(owner: string, conversation: string | null, trace: Uint8Array): string {
  const name =
    conversation === null
      ? `trace\0${Buffer.from(trace.buffer, trace.byteOffset, trace.byteLength).toString('latin1')}`
      : `${owner}\0${conversation}`;
  const known = sessions.get(name);
  if (known !== undefined) return known;
  if (conversation === null) input.reset().text('trace').bytes(trace);
  else input.reset().text('session').text(owner).text(conversation);
  const session = uuidOfDigest(input.digest());
  if (sessions.size >= SESSIONS_MAX) sessions.clear();
  sessions.set(name, session);
  return session;
}

/** The session of an item that tells neither conversation nor trace: its own, over its key. */
export const sessionOfItem = (key: string): string =>
  uuidOfDigest(input.reset().text('item').bytes(Buffer.from(key, 'latin1')).digest());

function uuidOfDigest(digest: string): string {
  const bytes = Buffer.from(digest.slice(0, 16), 'latin1');
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return uuidOf(bytes);
}

type Known = Pick<PreparedInteraction, 'key' | 'digest' | 'raw'>;

const textKeys = factColumns.filter(({ type }) => type === 'text').map(({ key }) => key);
const textKeysOfMeasurement = measurementColumns
  .filter(({ type }) => type === 'text')
  .map(({ key }) => key);

/** Hashes and frames what the content policy left. `key` and `digest` were taken before it. */
export function prepareEntry(
  interaction: AttributedInteraction,
  known: Known,
): PreparedInteraction {
  settleText(interaction, interaction, textKeys);
  if (interaction.bodies.length === 0) return { interaction, ...known, frame: null, digests: [] };
  const { frame, digests } = framed(interaction);
  return { interaction, ...known, frame, digests };
}

/** The same of a measurement. */
export function prepareMeasurement(
  measurement: AttributedMeasurement,
  known: Known,
): PreparedMeasurement {
  settleText(measurement, measurement, textKeysOfMeasurement);
  if (measurement.bodies.length === 0) return { measurement, ...known, frame: null, digests: [] };
  const { frame, digests } = framed(measurement);
  return { measurement, ...known, frame, digests };
}

/**
 * The last look at text, wherever it came from: what the database refuses would stop the whole group, and of what
 * UTF-8 cannot hold the leaf would commit to other text than is stored. `facts` is the subject itself.
 */
function settleText(
  subject: { marks: number; bodies: Body[] },
  facts: Record<string, unknown>,
  keys: readonly string[],
): void {
  for (const key of keys) {
    const text = facts[key];
    if (typeof text !== 'string') continue;
    const sound = soundText(text);
    if (sound === text) continue;
    facts[key] = sound;
    subject.marks |= marks.invalid_text;
  }
  for (const body of subject.bodies) {
    const sound = soundText(body.text);
    if (sound === body.text) continue;
    body.text = sound;
    subject.marks |= marks.invalid_text;
  }
}

const framed = (subject: AttributedInteraction | AttributedMeasurement) =>
  encodeFrame(subject.bodies, randomView, (subject.marks & marks.digest_only) === 0);

import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { logEvent } from '@/lib/core/log';
import { type Attribution, attribute, type ReporterRights } from '@/lib/identities/attribute';
import type { CostOf } from '@/lib/inventory/prices/cost';
import { pointKey, recordKey } from '@/lib/log/content-key';
import {
  contentDigest,
  itemKey,
  prepareEntry,
  prepareMeasurement,
  sessionOf,
  sessionOfItem,
} from '@/lib/log/prepare';
import type {
  AttributedInteraction,
  AttributedMeasurement,
  PreparedEntry,
  RefusedItem,
} from '@/lib/log/schema';
import { seriesOf } from '@/lib/log/series';
import {
  applyContentPolicy,
  applyContentPolicyToMeasurement,
} from '@/lib/telemetry/content-policy';
import { judgeItem, type Refusal } from '@/lib/telemetry/judge';
import { normaliseSpan } from '@/lib/telemetry/normalise';
import { normalisePoint } from '@/lib/telemetry/normalise-point';
import { normaliseRecord } from '@/lib/telemetry/normalise-record';
import { redactRaw } from '@/lib/telemetry/redact-raw';
import type { ContentPolicy, Item } from '@/lib/telemetry/schema';
import { settleRecord } from '@/lib/telemetry/settle-record';

/** What every item of a request is judged and read by. */
export type PipelineContext = {
  reporter: ReporterRights;
  byName: (name: string) => string | null;
  costOf: CostOf;
  contentPolicy: ContentPolicy;
  /** Keys the digest that tells repeats; see contentDigest. */
  pepper: string;
  /** Keys the hash that tells series of data points; see seriesOf. */
  seriesKey: string;
  nowMs: number;
  /** Whether quarantine has room for so many bytes of this reporter; they are then taken. */
  mayKeep(bytes: number): boolean;
};

/** What an item becomes: a data point a measurement, everything else an interaction. */
type Subject =
  | { interaction: AttributedInteraction; measurement: null }
  | { interaction: null; measurement: AttributedMeasurement };

/** An item on its way through the steps; each fills in what the next ones read. */
type Work = {
  item: Item;
  context: PipelineContext;
  subject: Subject;
  key: string;
  digest: string;
  entry: PreparedEntry;
};
/** INVARIANT: a step reads only what an earlier one has filled in. */
type Step = (work: Work) => Refusal | null;

const nothing = Buffer.alloc(0);

const judge: Step = ({ item }) => judgeItem(item);

const normalise: Step = (work) => {
  const { item, context } = work;
  const { nowMs } = context;
  // The same objects, completed by the next steps. `judge` let no item pass that could not be read.
  if ('span' in item) work.subject = interactionOf(normaliseSpan(item.span, item.origin, nowMs));
  else if ('record' in item)
    work.subject = interactionOf(
      normaliseRecord(settleRecord(item.record, nowMs), item.origin, nowMs),
    );
  else if ('point' in item)
    work.subject = {
      interaction: null,
      measurement: normalisePoint(item.point, item.origin, nowMs) as AttributedMeasurement,
    };
  return null;
};

const interactionOf = (interaction: ReturnType<typeof normaliseSpan>): Subject => ({
  interaction: interaction as AttributedInteraction,
  measurement: null,
});

const identifyContent: Step = (work) => {
  const { item, context, subject } = work;
  const sender = { reporter: context.reporter.id, pepper: context.pepper };
  if ('span' in item && subject.interaction !== null) {
    work.key = itemKey(sender.reporter, 'trace', item.span.trace, item.span.span);
    work.digest = contentDigest(subject.interaction, context.pepper);
  } else if ('record' in item) work.key = recordKey(item.record, item.origin, sender);
  else if ('point' in item) work.key = pointKey(item.point, item.origin, sender);
  // What has no id of its own is known by all it says.
  if (!('span' in item)) work.digest = work.key;
  return null;
};

const attributeToIdentity: Step = ({ item, subject, key, context }) => {
  const { reporter, byName, seriesKey } = context;
  const { interaction, measurement } = subject;
  const declared = interaction ?? measurement;
  const { identity, vantage, fingerprint }: Attribution = attribute(declared, reporter, byName);
  const owner =
    identity ?? `shadow:${fingerprint === null ? '' : Buffer.from(fingerprint).toString('hex')}`;
  const { conversation } = declared;
  if (interaction !== null) {
    const { trace } = interaction;
    const session =
      conversation === null && trace === null
        ? sessionOfItem(key)
        : sessionOf(owner, conversation, trace ?? nothing);
    Object.assign(interaction, { reporter: reporter.id, identity, vantage, fingerprint, session });
  } else {
    const session = conversation === null ? null : sessionOf(owner, conversation, nothing);
    const whose = { reporter: reporter.id, owner, key: seriesKey };
    const series = 'point' in item ? seriesOf(item.point, item.origin, whose) : null;
    Object.assign(measurement, {
      reporter: reporter.id,
      identity,
      vantage,
      fingerprint,
      session,
      series,
    });
  }
  return null;
};

/** After what was sent has been told from repeats: a price that changes makes no other content of it. */
const price: Step = ({ subject: { interaction }, context: { costOf } }) => {
  if (interaction === null || interaction.cost !== null) return null;
  interaction.cost = costOf(interaction);
  if (interaction.cost !== null) interaction.costSource = 'computed';
  return null;
};

const applyContent: Step = ({ subject, context }) => {
  if (subject.interaction !== null) applyContentPolicy(subject.interaction, context.contentPolicy);
  else applyContentPolicyToMeasurement(subject.measurement, context.contentPolicy);
  return null;
};

const prepare: Step = (work) => {
  const { subject, key, digest, item, context } = work;
  const known = { key, digest, raw: () => rawKept(item, context) };
  work.entry =
    subject.interaction !== null
      ? prepareEntry(subject.interaction, known)
      : prepareMeasurement(subject.measurement, known);
  return null;
};

const steps: readonly Step[] = [
  judge,
  normalise,
  identifyContent,
  attributeToIdentity,
  price,
  applyContent,
  prepare,
];

/** After so long others get their turn. */
const TURN_MS = 25;

export type Judged = { entries: PreparedEntry[]; refused: RefusedItem[] };

/** Runs the steps on each item. An item stops at its first refusal, and its neighbours never notice. */
export async function runPipeline(
  items: readonly Item[],
  context: PipelineContext,
): Promise<Judged> {
  const judged: Judged = { entries: [], refused: [] };
  let turnEndsMs = performance.now() + TURN_MS;
  for (const item of items) {
    runSteps(item, context, judged);
    if (performance.now() < turnEndsMs) continue;
    await setImmediate();
    turnEndsMs = performance.now() + TURN_MS;
  }
  return judged;
}

function runSteps(item: Item, context: PipelineContext, { entries, refused }: Judged): void {
  // Filled in by the steps, in their order.
  const work = { item, context } as Work;
  const refusal = firstRefusal(work);
  if (refusal === null) {
    entries.push(work.entry);
    return;
  }
  refused.push({
    ...refusal,
    signal: item.signal,
    bytes: item.bytes,
    raw: rawKept(item, context),
  });
}

/** A refused item as it may be kept: as the content policy lets it, and where quarantine has room for it. */
function rawKept(item: Item, { contentPolicy, mayKeep }: PipelineContext): Buffer | null {
  // Where content is not kept, this is not either.
  if (contentPolicy === 'digest' || !mayKeep(item.rawBytes)) return null;
  try {
    return contentPolicy === 'keep' ? item.raw() : redactRaw(item.signal, item.raw());
  } catch (error) {
    logEvent('refused_item_not_kept', { signal: item.signal, error });
    return null;
  }
}

/** What nobody foresaw of an item is its own misfortune, not that of all it was sent with. */
function firstRefusal(work: Work): Refusal | null {
  try {
    for (const step of steps) {
      const refusal = step(work);
      if (refusal !== null) return refusal;
    }
    return null;
  } catch (error) {
    logEvent('item_failed', { signal: work.item.signal, error });
    return { reason: 'failed_here', detail: 'Something failed here while the item was worked on.' };
  }
}

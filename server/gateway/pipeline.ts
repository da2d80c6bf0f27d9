import { setImmediate } from 'node:timers/promises';
import { type Attribution, attribute, type ReporterRights } from '@/lib/identities/attribute';
import { contentDigest, itemKey, prepareEntry, sessionOf } from '@/lib/log/prepare';
import type { AttributedInteraction, PreparedEntry, RefusedItem } from '@/lib/log/schema';
import { applyContentPolicy } from '@/lib/telemetry/content-policy';
import { judgeItem, type Refusal } from '@/lib/telemetry/judge';
import { normaliseSpan } from '@/lib/telemetry/normalise';
import type { ContentPolicy, Interaction, Item, Signal, Span } from '@/lib/telemetry/schema';

/** What every item of a request is judged and read by. */
export type PipelineContext = {
  signal: Signal;
  reporter: ReporterRights;
  byName: (name: string) => string | null;
  contentPolicy: ContentPolicy;
  /** Keys the digest that tells repeats; see contentDigest. */
  pepper: string;
  nowMs: number;
};

/** An item on its way through the steps; each fills in what the next ones read. */
type Work = {
  item: Item;
  context: PipelineContext;
  interaction: AttributedInteraction;
  key: string;
  digest: string;
  entry: PreparedEntry;
};
/** INVARIANT: a step reads only what an earlier one has filled in. */
type Step = (work: Work) => Refusal | null;

const judge: Step = ({ item }) => judgeItem(item);

const normalise: Step = (work) => {
  const { item, context } = work;
  // `judge` let it pass, so there is a span.
  const interaction: Interaction = normaliseSpan(
    (item as { span: Span }).span,
    item.origin,
    context.nowMs,
  );
  // The same object, completed by the next step.
  work.interaction = interaction as AttributedInteraction;
  return null;
};

const attributeToIdentity: Step = ({ interaction, context: { reporter, byName } }) => {
  const { identity, vantage, fingerprint }: Attribution = attribute(interaction, reporter, byName);
  const owner =
    identity ?? `shadow:${fingerprint === null ? '' : Buffer.from(fingerprint).toString('hex')}`;
  const session = sessionOf(owner, interaction.conversation, interaction.trace);
  Object.assign(interaction, { reporter: reporter.id, identity, vantage, fingerprint, session });
  return null;
};

const identifyContent: Step = (work) => {
  const { interaction, context } = work;
  work.key = itemKey(interaction.reporter, context.signal, interaction.trace, interaction.span);
  work.digest = contentDigest(interaction, context.pepper);
  return null;
};

const applyContent: Step = ({ interaction, context }) => {
  applyContentPolicy(interaction, context.contentPolicy);
  return null;
};

const prepare: Step = (work) => {
  work.entry = prepareEntry(work.interaction, {
    key: work.key,
    digest: work.digest,
    raw: work.item.raw,
  });
  return null;
};

const steps: readonly Step[] = [
  judge,
  normalise,
  attributeToIdentity,
  identifyContent,
  applyContent,
  prepare,
];

/** What one request may put into quarantine; items beyond it are known by size only. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;
/** So many items are worked on before others get their turn: about 50 ms. */
const ITEMS_PER_TURN = 1024;

export type Judged = { entries: PreparedEntry[]; refused: RefusedItem[] };

/** Runs the steps on each item. An item stops at its first refusal, and its neighbours never notice. */
export async function runPipeline(
  items: readonly Item[],
  context: PipelineContext,
): Promise<Judged> {
  const judged: Judged = { entries: [], refused: [] };
  const budget = { keptBytes: KEPT_BYTES_MAX };
  for (let at = 0; at < items.length; at += ITEMS_PER_TURN) {
    if (at > 0) await setImmediate();
    for (const item of items.slice(at, at + ITEMS_PER_TURN))
      runSteps(item, context, judged, budget);
  }
  return judged;
}

function runSteps(
  item: Item,
  context: PipelineContext,
  { entries, refused }: Judged,
  budget: { keptBytes: number },
): void {
  // Filled in by the steps, in their order.
  const work = { item, context } as Work;
  const refusal = firstRefusal(work);
  if (refusal === null) {
    entries.push(work.entry);
    return;
  }
  const raw = item.bytes <= budget.keptBytes ? item.raw() : null;
  budget.keptBytes -= raw?.length ?? 0;
  refused.push({ ...refusal, signal: context.signal, bytes: item.bytes, raw });
}

function firstRefusal(work: Work): Refusal | null {
  for (const step of steps) {
    const refusal = step(work);
    if (refusal !== null) return refusal;
  }
  return null;
}

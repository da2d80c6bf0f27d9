import { performance } from 'node:perf_hooks';
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
  /** Whether quarantine has room for so many bytes of this reporter; they are then taken. */
  mayKeep(bytes: number): boolean;
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
  // Where content is not kept, an item that nobody could read for secrets is not kept either.
  const isKept = context.contentPolicy !== 'digest' && context.mayKeep(item.rawBytes);
  const raw = isKept ? item.raw() : null;
  refused.push({ ...refusal, signal: context.signal, bytes: item.bytes, raw });
}

function firstRefusal(work: Work): Refusal | null {
  for (const step of steps) {
    const refusal = step(work);
    if (refusal !== null) return refusal;
  }
  return null;
}

import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import {
  bodyRoles,
  dialects,
  interactionKinds,
  resourceKinds,
  signals,
  spanKinds,
  statuses,
  vantages,
} from '@/lib/telemetry/schema';

/** A count that stops at 10,000. */
export const Count = z.object({ count: z.number().int().min(0), isMore: z.boolean() });
export type Count = z.infer<typeof Count>;
export const countMax = 10_000;

export const Whose = z.object({
  identity: z.guid().nullable(),
  identityName: z.string().nullable(),
  identityKind: z.string().nullable(),
  declaredName: z.string().nullable(),
  service: z.string().nullable(),
});
/** Whom an interaction is attributed to, or what it says of itself. */
export type Whose = z.infer<typeof Whose>;

/** What a row of the list shows. Nanoseconds are text: they exceed a JSON number. */
export const InteractionRow = Whose.extend({
  id: z.string(),
  receivedAt: z.iso.datetime(),
  startedNs: z.string(),
  durationMs: z.number(),
  kind: z.enum(interactionKinds),
  name: z.string(),
  resourceKind: z.enum(resourceKinds).nullable(),
  resource: z.string().nullable(),
  onBehalfOf: z.string().nullable(),
  status: z.enum(statuses),
  errorType: z.string().nullable(),
  marks: z.number().int(),
  redacted: z.string().nullable(),
  tokens: z.number().nullable(),
});
export type InteractionRow = z.infer<typeof InteractionRow>;

/** Another entry that tells of the same call, or of its other end. */
export const LinkedEntry = z.object({
  id: z.string(),
  relation: z.enum(['same_call', 'counterpart']),
  /** Whether that one counts, and not this. */
  isCounted: z.boolean(),
  /** Two ends that tell differently of how it ended or what it used, so both count. */
  isDisputed: z.boolean(),
  signal: z.enum(signals),
  who: z.string().nullable(),
  /** Whether `who` is a registered identity, and not what it says of itself. */
  isRegistered: z.boolean(),
});
export type LinkedEntry = z.infer<typeof LinkedEntry>;

/** An external API that an entry is taken for, though its server was none of the hosts registered then. */
const StrangeOrigin = z.object({ id: z.guid(), name: z.string(), hosts: z.array(z.string()) });
export type StrangeOrigin = z.infer<typeof StrangeOrigin>;

const Figure = z.number().nullable();
/** Everything that is known of one interaction, but its content. */
export const InteractionDetail = InteractionRow.extend({
  reporter: z.guid(),
  reporterName: z.string().nullable(),
  vantage: z.enum(vantages),
  fingerprint: z.string().nullable(),
  declaredId: z.string().nullable(),
  declaredVersion: z.string().nullable(),
  environment: z.string().nullable(),
  session: z.guid(),
  conversation: z.string().nullable(),
  promptId: z.string().nullable(),
  requestId: z.string().nullable(),
  responseId: z.string().nullable(),
  toolCallId: z.string().nullable(),
  trace: z.string().nullable(),
  span: z.string().nullable(),
  spanKind: z.enum(spanKinds).nullable(),
  parent: z.string().nullable(),
  /** Null of an entry older than other signals: a trace told of it. */
  signal: z.enum(signals).nullable(),
  dialect: z.enum(dialects),
  operation: z.string().nullable(),
  provider: z.string().nullable(),
  model: z.string().nullable(),
  requestModel: z.string().nullable(),
  endedNs: z.string(),
  inputTokens: Figure,
  outputTokens: Figure,
  cacheReadTokens: Figure,
  cacheWriteTokens: Figure,
  reasoningTokens: Figure,
  cost: Figure,
  costSource: z.string().nullable(),
  clientAddress: z.string().nullable(),
  clientPort: Figure,
  serverAddress: z.string().nullable(),
  serverPort: Figure,
  shard: z.number().int(),
  position: z.string(),
  leaf: z.string(),
  bodies: z.array(z.object({ role: z.enum(bodyRoles), bytes: z.number(), digest: z.string() })),
  linked: z.array(LinkedEntry),
  strange: z.array(StrangeOrigin),
});
export type InteractionDetail = z.infer<typeof InteractionDetail>;

/** What is left of an entry whose facts are gone, and why they are. */
export const ErasedEntry = z.object({
  id: z.string(),
  receivedAt: z.iso.datetime(),
  shard: z.number().int(),
  position: z.string(),
  leaf: z.string(),
  cause: z.enum(['erased', 'retention', 'unknown']),
  erasedAt: z.iso.datetime().nullable(),
  by: z.string().nullable(),
  reason: z.string().nullable(),
});
export type ErasedEntry = z.infer<typeof ErasedEntry>;

export const Opened = z.discriminatedUnion('state', [
  z.object({ state: z.literal('kept'), interaction: InteractionDetail }),
  z.object({ state: z.literal('gone'), entry: ErasedEntry }),
  z.object({ state: z.literal('missing') }),
]);
export type Opened = z.infer<typeof Opened>;

/** What the log commits to of a body, whoever may read it. */
const Sealed = z.object({ role: z.enum(bodyRoles), bytes: z.number(), digest: z.string() });
export type Sealed = z.infer<typeof Sealed>;

export const contentCharsMax = 20_000;
export const Content = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('open'),
    bodies: z.array(
      Sealed.extend({
        /** Null where only a digest is kept. Cut to `contentCharsMax` unless that role was asked for whole. */
        text: z.string().nullable(),
        chars: z.number(),
      }),
    ),
  }),
  z.object({ state: z.literal('withheld'), message: z.string(), bodies: z.array(Sealed) }),
  z.object({
    state: z.literal('gone'),
    cause: z.enum(['erased', 'retention', 'unknown']),
    erasedAt: z.iso.datetime().nullable(),
    by: z.string().nullable(),
    reason: z.string().nullable(),
  }),
]);
export type Content = z.infer<typeof Content>;

export type Erased = Acted<null>;
/** The server action behind the erase dialog, as a form calls it. */
export type Erase = (last: Erased | null, form: FormData) => Promise<Erased>;

import { z } from 'zod';
import { type BodyRole, type InteractionKind, type Signal, signals } from '@/lib/telemetry/schema';

/** What makes an agent accountable, in the order in which the page lists it. */
export const expected = [
  'usage',
  'input',
  'output',
  'tools',
  'arguments',
  'conversation',
  'on_behalf_of',
] as const;
export type Expected = (typeof expected)[number];

export const expectedLabels: Record<Expected, { what: string; neededFor: string }> = {
  usage: { what: 'Model calls with tokens', neededFor: 'spend, baselines' },
  input: { what: 'Input', neededFor: 'guardrails, reader' },
  output: { what: 'Output', neededFor: 'guardrails, reader' },
  tools: { what: 'Tool calls', neededFor: 'policies' },
  arguments: { what: 'Arguments of tool calls', neededFor: 'policies, injections followed' },
  conversation: { what: 'Session or conversation id', neededFor: 'sessions, labels' },
  on_behalf_of: { what: 'On whose behalf', neededFor: 'audit, approvals' },
};

export const signalWords: Record<Signal, string> = {
  trace: 'spans',
  log: 'log records',
  metric: 'data points',
};

/** What came by one identity's keys. */
export const Arrived = z.object({
  received: z.number().int().min(0),
  refused: z.number().int().min(0),
  signals: z.array(z.enum(signals)),
  has: z.array(z.enum(expected)),
  /** Whom it is attributed to, and the fingerprints of what is attributed to nobody. */
  identities: z.array(z.guid()),
  fingerprints: z.array(z.string()),
  /** Names it declared that its key may not speak for, so that it stands as shadow activity. */
  otherNames: z.array(z.string()),
});
export type Arrived = z.infer<typeof Arrived>;

/** What one look found after a place, and the place to go on from. */
export const ArrivedLook = z.object({
  arrived: Arrived,
  place: z.string(),
  /** Whether there is more than one look goes through, so that the next should follow at once. */
  isBehind: z.boolean(),
});
export type ArrivedLook = z.infer<typeof ArrivedLook>;

/** Of what one look finds in a shard, so much is judged; all of it is counted. */
export const judgedMax = 500;
const otherNamesMax = 5;
const actorsMax = 20;

export type ArrivedRow = {
  signal: (typeof signals)[number] | null;
  kind: InteractionKind;
  hasUsage: boolean;
  hasConversation: boolean;
  hasOnBehalfOf: boolean;
  roles: readonly BodyRole[];
  /** Null where it is attributed to nobody; then by what it calls itself, and its fingerprint. */
  identity: string | null;
  declared: string | null;
  fingerprint: string | null;
};

const modelKinds: readonly InteractionKind[] = ['inference', 'embedding'];
const toolKinds: readonly InteractionKind[] = ['tool_call', 'mcp'];

const proofs: Record<Expected, (row: ArrivedRow) => boolean> = {
  usage: ({ kind, hasUsage }) => modelKinds.includes(kind) && hasUsage,
  input: ({ kind, roles }) => !toolKinds.includes(kind) && roles.includes('input'),
  output: ({ kind, roles }) => !toolKinds.includes(kind) && roles.includes('output'),
  tools: ({ kind }) => toolKinds.includes(kind),
  arguments: ({ kind, roles }) => toolKinds.includes(kind) && roles.includes('input'),
  conversation: ({ hasConversation }) => hasConversation,
  on_behalf_of: ({ hasOnBehalfOf }) => hasOnBehalfOf,
};

/** What the rows prove. Whatever none of them proves is missing, or has not happened yet. */
export function judgeArrived(rows: readonly ArrivedRow[], refused: number): Arrived {
  const shadow = rows.filter(({ identity }) => identity === null);
  return {
    received: rows.length,
    refused,
    // Entries without a signal are of before other signals than traces were known.
    signals: signals.filter((signal) => rows.some((row) => (row.signal ?? 'trace') === signal)),
    has: expected.filter((what) => rows.some(proofs[what])),
    identities: someOf(
      rows.map(({ identity }) => identity),
      actorsMax,
    ),
    fingerprints: someOf(
      shadow.map(({ fingerprint }) => fingerprint),
      actorsMax,
    ),
    otherNames: someOf(
      shadow.map(({ declared }) => declared),
      otherNamesMax,
    ),
  };
}

const someOf = (values: readonly (string | null)[], max: number): string[] =>
  [...new Set(values.filter((value) => value !== null))].slice(0, max);

/** What came until now with what came since: whatever was there once stays so. */
export const addArrived = (until: Arrived | undefined, since: Arrived): Arrived =>
  until === undefined
    ? since
    : {
        received: until.received + since.received,
        // Each look counts these from the beginning, as far back as it reaches.
        refused: Math.max(until.refused, since.refused),
        signals: signals.filter((each) => [...until.signals, ...since.signals].includes(each)),
        has: expected.filter((what) => [...until.has, ...since.has].includes(what)),
        identities: someOf([...until.identities, ...since.identities], actorsMax),
        fingerprints: someOf([...until.fingerprints, ...since.fingerprints], actorsMax),
        otherNames: someOf([...until.otherNames, ...since.otherNames], otherNamesMax),
      };

/** Where the inventory shows it: under those it is attributed to, or, where that is nobody, who it came from. */
export function arrivedHref({ identities, fingerprints }: Arrived): string {
  const search = new URLSearchParams();
  for (const id of identities) search.append('identity', id);
  if (identities.length === 0) for (const each of fingerprints) search.append('fingerprint', each);
  return `/inventory?${search}`;
}

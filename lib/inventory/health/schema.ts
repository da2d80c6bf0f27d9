import { z } from 'zod';

const Figure = z.number().finite().nullable().catch(null);

/** What a gateway says of itself; a figure it leaves out is unknown, not zero. */
export const GatewayFigures = z.object({
  itemsPerSecond: Figure,
  ackP50Ms: Figure,
  ackP99Ms: Figure,
  queuedItems: Figure,
  acceptedTotal: Figure,
  refusedTotal: Figure,
  duplicatesTotal: Figure,
  conflictingTotal: Figure,
  diskFreeMb: Figure,
  isDiskLow: z.boolean().nullable().catch(null),
  shard: Figure,
  rssMb: Figure,
});
export type GatewayFigures = z.infer<typeof GatewayFigures>;

export const WorkerFigures = z.object({
  lagMs: Figure,
  projections: z
    .array(z.object({ name: z.string(), shard: z.number(), lagEntries: Figure, lagMs: Figure }))
    .max(1000)
    .catch([]),
  /** What fails, and is tried again with smaller batches. */
  failing: z
    .array(z.object({ name: z.string(), shard: z.number(), failures: Figure, sinceAt: z.string() }))
    .max(1000)
    .catch([]),
  rssMb: Figure,
});
export type WorkerFigures = z.infer<typeof WorkerFigures>;

const Process = z.object({
  id: z.string(),
  role: z.string(),
  version: z.string(),
  startedAt: z.iso.datetime(),
  seenAt: z.iso.datetime(),
  isSilent: z.boolean(),
  gateway: GatewayFigures.nullable(),
  worker: WorkerFigures.nullable(),
});
export type Process = z.infer<typeof Process>;

/** A state in words. `wait` wants a look, `bad` wants a person now. */
export const Finding = z.object({
  tone: z.enum(['on', 'wait', 'bad']),
  word: z.string(),
  sentence: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/** One reading of the instrument itself, as the page shows it and its route sends it. */
export const Health = z.object({
  at: z.iso.datetime(),
  processes: z.array(Process),
  /** Interactions by minute of the last hour, oldest first; the last minute is not over yet. */
  minutes: z.array(z.object({ at: z.iso.datetime(), interactions: z.number() })),
  interactions24h: z.number(),
  quarantined: z.object({ count: z.number(), isMore: z.boolean() }),
  versions: z.object({
    product: z.string(),
    postgres: z.string(),
    node: z.string(),
    schema: z.string(),
  }),
  settings: z.object({
    content: z.string(),
    retentionBodyDays: z.number(),
    retentionFactsDays: z.number(),
    diskMinMb: z.number(),
  }),
});
export type Health = z.infer<typeof Health>;

export type Instrument = {
  ingest: Finding;
  projections: Finding;
  /** Of the projection that is furthest behind; null where none says it. */
  lagMs: number | null;
  quarantined: Health['quarantined'];
};

import { z } from 'zod';
import type { Acted } from '@/lib/core/result';
import { dropReasons, signals } from '@/lib/telemetry/schema';
import type { Params } from '../address';

/** What became of asking for another try; null is nobody asked. */
export const replayStates = ['requested', 'accepted', 'refused_again'] as const;
export type ReplayState = (typeof replayStates)[number];

export const QuarantinedItem = z.object({
  id: z.guid(),
  receivedAt: z.iso.datetime(),
  reporter: z.guid(),
  reporterName: z.string().nullable(),
  signal: z.enum(signals).catch('trace'),
  /** One of `dropReasons`, or what a newer gateway wrote. */
  reason: z.string(),
  detail: z.string(),
  bytes: z.number().int(),
  digest: z.string(),
  isKept: z.boolean(),
  replayState: z.enum(replayStates).nullable().catch(null),
  replayedAt: z.iso.datetime().nullable(),
});
export type QuarantinedItem = z.infer<typeof QuarantinedItem>;

export type QuarantineCursor = { direction: 'before' | 'after'; receivedAt: Date; id: string };
export type QuarantineView = {
  reasons: string[];
  cursor: QuarantineCursor | null;
  item: string | null;
  problems: string[];
};

const cursorShape = /^([0-9a-z]{1,9})\.([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/;

export const formatQuarantineCursor = ({
  receivedAt,
  id,
}: {
  receivedAt: Date;
  id: string;
}): string => `${receivedAt.getTime().toString(36)}.${id}`;

/** Reads the address of the quarantine page; what is not understood becomes a sentence. */
export function parseQuarantineView(params: Params): QuarantineView {
  const problems: string[] = [];
  const one = (name: string): string | null => {
    const value = params[name];
    return (Array.isArray(value) ? value[0] : value) || null;
  };
  const asked = [params.reason ?? []].flat().filter((reason) => reason !== '');
  const reasons = asked.filter((reason) => dropReasons.some((known) => known === reason));
  for (const reason of asked) {
    if (!reasons.includes(reason)) {
      problems.push(`${reason.slice(0, 60)} is not a reason. Reasons: ${dropReasons.join(', ')}.`);
    }
  }
  const text = one('before') ?? one('after');
  const match = text === null ? null : cursorShape.exec(text);
  if (text !== null && match === null) {
    problems.push('The address names a page that does not exist, so the newest one is shown.');
  }
  const item = one('item');
  const isItem = item !== null && z.guid().safeParse(item).success;
  if (item !== null && !isItem)
    problems.push(`item=${item.slice(0, 60)} is not the id of an item.`);
  return {
    reasons,
    cursor:
      match === null
        ? null
        : {
            direction: one('before') === null ? 'after' : 'before',
            receivedAt: new Date(Number.parseInt(match[1] ?? '0', 36)),
            id: match[2] ?? '',
          },
    item: isItem ? item : null,
    problems,
  };
}

/** A refused item as it was sent. */
export const RawItem = z.discriminatedUnion('state', [
  z.object({ state: z.literal('json'), text: z.string() }),
  /** Rows of sixteen bytes, at most `rawBytesShown`. */
  z.object({ state: z.literal('binary'), hex: z.string(), bytes: z.number() }),
  z.object({ state: z.literal('none') }),
]);
export type RawItem = z.infer<typeof RawItem>;

/** How many items were newly asked for. */
export type Replayed = Acted<number>;
export type Replay = (last: Replayed | null, form: FormData) => Promise<Replayed>;

import { parseEntryId } from '../entry-id';
import type { InteractionRow } from '../schema';

/** Rows in the page at most; whoever wants more pages through the list. */
export const shownMax = 500;

export type LiveMode = 'off' | 'connecting' | 'live' | 'paused' | 'ended';

/** A list that grows at its top while live, and holds back what arrives while somebody reads it. */
export type LiveList = {
  mode: LiveMode;
  /** What arrived live, newest first; the rows of the page stand below. */
  arrived: readonly InteractionRow[];
  /** What arrived while paused, newest first. */
  waiting: readonly InteractionRow[];
  /** How many were not shown because they came faster than anybody reads. */
  leftOut: number;
  /** Why it ended. */
  message: string | null;
};

export type LiveAction =
  | { type: 'start' | 'connected' | 'pause' | 'resume' | 'stop' }
  | { type: 'rows'; rows: readonly InteractionRow[]; known: ReadonlySet<string> }
  | { type: 'sampled'; leftOut: number }
  /** The page's own rows were read anew. */
  | { type: 'reloaded'; rows: readonly InteractionRow[] }
  | { type: 'ended'; message: string };

export const liveListOff: LiveList = {
  mode: 'off',
  arrived: [],
  waiting: [],
  leftOut: 0,
  message: null,
};

export function nextLiveList(list: LiveList, action: LiveAction): LiveList {
  const isOn = list.mode === 'live' || list.mode === 'paused' || list.mode === 'connecting';
  switch (action.type) {
    case 'start':
      return isOn ? list : { ...list, mode: 'connecting', message: null, leftOut: 0 };
    case 'connected':
      return list.mode === 'connecting' ? { ...list, mode: 'live' } : list;
    case 'pause':
      return list.mode === 'live' || list.mode === 'connecting'
        ? { ...list, mode: 'paused' }
        : list;
    case 'resume':
      return list.mode === 'paused' ? { ...flushed(list), mode: 'live' } : list;
    case 'stop':
      return isOn ? { ...list, mode: 'off', waiting: [] } : list;
    case 'ended':
      return isOn ? { ...list, mode: 'ended', message: action.message } : list;
    case 'sampled':
      return isOn ? { ...list, leftOut: list.leftOut + action.leftOut } : list;
    case 'reloaded':
      return withoutOlder(list, action.rows[0]);
    case 'rows':
      return isOn ? withRows(list, action) : list;
  }
}

function withRows(
  list: LiveList,
  { rows, known }: { rows: readonly InteractionRow[]; known: ReadonlySet<string> },
): LiveList {
  const held = new Set([...list.arrived, ...list.waiting].map(({ id }) => id));
  const fresh = rows.filter(({ id }) => !known.has(id) && !held.has(id));
  if (fresh.length === 0) return list;
  const waiting = [...fresh, ...list.waiting];
  // Beyond what the page holds they could never be shown at once.
  const dropped = Math.max(0, waiting.length - shownMax);
  const next = { ...list, waiting: waiting.slice(0, shownMax), leftOut: list.leftOut + dropped };
  return list.mode === 'paused' ? next : flushed(next);
}

/** What the page holds by itself, or has moved on from, is not shown a second time above it. */
function withoutOlder(list: LiveList, newest: InteractionRow | undefined): LiveList {
  const isNewer = ({ id }: InteractionRow) => newest === undefined || isArrivedAfter(id, newest.id);
  return { ...list, arrived: list.arrived.filter(isNewer), waiting: list.waiting.filter(isNewer) };
}

/** Whether the entry of one id arrived after that of another. */
export function isArrivedAfter(id: string, other: string): boolean {
  const [one, two] = [parseEntryId(id), parseEntryId(other)];
  if (one === null || two === null) return false;
  const ms = one.receivedAt.getTime() - two.receivedAt.getTime();
  if (ms !== 0) return ms > 0;
  return one.shard === two.shard ? one.position > two.position : one.shard > two.shard;
}

const flushed = (list: LiveList): LiveList => ({
  ...list,
  arrived: [...list.waiting, ...list.arrived].slice(0, shownMax),
  waiting: [],
});

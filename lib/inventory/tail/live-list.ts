import { parseEntryId } from '../entry-id';
import type { InteractionRow } from '../schema';

/** Rows in the page at most; whoever wants more pages through the list. */
export const shownMax = 500;

export type LiveMode = 'off' | 'live' | 'paused' | 'ended';

/** A list that grows at its top while live, and holds back what arrives while somebody reads it. */
export type LiveList = {
  mode: LiveMode;
  /** Whether the console answers just now; without a word of it, what is shown may be old. */
  link: 'connecting' | 'connected' | 'lost';
  /** While the pointer is over the rows none moves under it. */
  isHeld: boolean;
  /** What arrived live, newest first; the rows of the page stand below. */
  arrived: readonly InteractionRow[];
  /** What arrived while paused or held, newest first. */
  waiting: readonly InteractionRow[];
  /** How many arrived in all. */
  came: number;
  /** How many were not shown because they came faster than anybody reads. */
  leftOut: number;
  /** Why it ended. */
  message: string | null;
};

export type LiveAction =
  | { type: 'start' | 'connected' | 'lost' | 'pause' | 'resume' | 'hold' | 'release' | 'stop' }
  | { type: 'rows'; rows: readonly InteractionRow[]; known: ReadonlySet<string> }
  | { type: 'sampled'; leftOut: number }
  /** The page's own rows were read anew. */
  | { type: 'reloaded'; rows: readonly InteractionRow[] }
  | { type: 'ended'; message: string };

export const liveListOff: LiveList = {
  mode: 'off',
  link: 'connecting',
  isHeld: false,
  arrived: [],
  waiting: [],
  came: 0,
  leftOut: 0,
  message: null,
};

export function nextLiveList(list: LiveList, action: LiveAction): LiveList {
  const isOn = isFollowed(list);
  switch (action.type) {
    case 'start':
      return isOn
        ? list
        : { ...list, mode: 'live', link: 'connecting', isHeld: false, message: null, leftOut: 0 };
    case 'connected':
    case 'lost':
      return isOn ? { ...list, link: action.type } : list;
    case 'pause':
      return list.mode === 'live' ? { ...list, mode: 'paused' } : list;
    case 'resume':
      return list.mode === 'paused' ? flushed({ ...list, mode: 'live' }) : list;
    case 'hold':
      return isOn ? { ...list, isHeld: true } : list;
    case 'release':
      return isOn ? flushed({ ...list, isHeld: false }) : list;
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

/** Whether a stream is followed for it. */
export const isFollowed = ({ mode }: LiveList): boolean => mode === 'live' || mode === 'paused';

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
  return flushed({
    ...list,
    waiting: waiting.slice(0, shownMax),
    leftOut: list.leftOut + dropped,
    came: list.came + fresh.length,
  });
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

/** With what waits at the top, unless somebody reads. */
const flushed = (list: LiveList): LiveList =>
  list.mode === 'paused' || list.isHeld || list.waiting.length === 0
    ? list
    : {
        ...list,
        arrived: [...list.waiting, ...list.arrived].slice(0, shownMax),
        waiting: [],
      };

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
  /** How many did not fit among those that waited, and the row below which they would stand. */
  unread: { count: number; below: string } | null;
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
  unread: null,
  message: null,
};

export function nextLiveList(list: LiveList, action: LiveAction): LiveList {
  const isOn = isFollowed(list);
  switch (action.type) {
    case 'start':
      return isOn
        ? list
        : {
            ...list,
            mode: 'live',
            link: 'connecting',
            isHeld: false,
            message: null,
            leftOut: 0,
            unread: null,
          };
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
  const all = [...fresh, ...list.waiting];
  const waiting = all.slice(0, shownMax);
  // Beyond what the page holds they could never be shown at once.
  const dropped = all.length - waiting.length;
  const came = list.came + fresh.length;
  if (!isRead(list)) return flushed({ ...list, waiting, came, leftOut: list.leftOut + dropped });
  const below = waiting.at(-1);
  const count = (list.unread?.count ?? 0) + dropped;
  const unread = dropped === 0 || below === undefined ? list.unread : { count, below: below.id };
  return { ...list, waiting, came, unread };
}

/** What the page holds by itself, or has moved on from, is not shown a second time above it. */
function withoutOlder(list: LiveList, newest: InteractionRow | undefined): LiveList {
  const isNewer = ({ id }: InteractionRow) => newest === undefined || isArrivedAfter(id, newest.id);
  return {
    ...list,
    arrived: list.arrived.filter(isNewer),
    waiting: list.waiting.filter(isNewer),
    unread: null,
  };
}

/** Whether the entry of one id arrived after that of another. */
export function isArrivedAfter(id: string, other: string): boolean {
  const [one, two] = [parseEntryId(id), parseEntryId(other)];
  if (one === null || two === null) return false;
  const ms = one.receivedAt.getTime() - two.receivedAt.getTime();
  if (ms !== 0) return ms > 0;
  return one.shard === two.shard ? one.position > two.position : one.shard > two.shard;
}

/** Whether what arrives has to wait because somebody reads. */
const isRead = ({ mode, isHeld }: LiveList): boolean => mode === 'paused' || isHeld;

/** With what waits at the top, unless somebody reads. */
const flushed = (list: LiveList): LiveList =>
  isRead(list) || list.waiting.length === 0
    ? list
    : {
        ...list,
        arrived: [...list.waiting, ...list.arrived].slice(0, shownMax),
        waiting: [],
      };

import type { Dropped } from './schema';

/** Nothing left out is nothing to tell. */
export function setDropped(item: { dropped?: Dropped }, what: keyof Dropped, count: number): void {
  if (count > 0) item.dropped = { ...item.dropped, [what]: count };
}

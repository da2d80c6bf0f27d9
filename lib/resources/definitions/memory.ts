import type { Batch, Cursor } from '@/lib/log/projection';

/** Texts that are remembered: the same list of tools comes with every call, and is read once a day. */
const textsMax = 20_000;

/**
 * Which texts were read of a shard on which day. What a batch brings counts once the cursor stands behind it: a batch
 * that failed is read again. Bounded; what is forgotten is only read again.
 */
export function createMemory() {
  const days = new Map<string, string>();
  const pending = new Map<number, { through: Cursor; keys: [key: string, day: string][] }>();
  let times = -1n;
  return {
    /** Forgets all where something of what was read is gone since. */
    begin({ shard, after }: Batch, forgotten: bigint): void {
      if (forgotten !== times) {
        days.clear();
        pending.clear();
        times = forgotten;
      }
      const brought = pending.get(shard);
      pending.delete(shard);
      if (brought === undefined || !isAt(brought.through, after)) return;
      for (const [key, day] of brought.keys) {
        days.delete(key);
        days.set(key, day);
      }
      for (const key of days.keys()) {
        if (days.size <= textsMax) break;
        days.delete(key);
      }
    },
    isKnown: (key: string, day: string) => days.get(key) === day,
    bring(shard: number, through: Cursor, keys: [key: string, day: string][]): void {
      pending.set(shard, { through, keys });
    },
    clear(): void {
      days.clear();
      pending.clear();
    },
  };
}

const isAt = (one: Cursor, other: Cursor) =>
  one.position === other.position && one.receivedAt.getTime() === other.receivedAt.getTime();

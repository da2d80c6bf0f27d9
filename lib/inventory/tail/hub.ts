import { logEvent } from '@/lib/core/log';
import type { Batch } from './schema';

export type Listener = {
  tell: (batch: Batch) => void;
  /** The view cannot be read any more, and nothing follows. */
  lose: () => void;
};
/** Looks once; keeps its place between looks. */
export type Look = () => Promise<Batch>;

/** So many looks in a row that fail end a view: whoever watches it must not take silence for quiet. */
const failuresMax = 4;

/**
 * One poller for each view that anybody watches, however many do; none where nobody does. `start` fixes a
 * place and returns how to look on from there. Looks that take long, or fail, come less often.
 */
export function createHub(pollMs: number) {
  const views = new Map<string, { listeners: Set<Listener>; ready: Promise<Look> }>();

  async function run(key: string) {
    const view = views.get(key);
    if (view === undefined) return;
    const look = await view.ready.catch(() => null);
    let failures = 0;
    let tookMs = 0;
    while (look !== null && view.listeners.size > 0) {
      const waitMs = Math.max(pollMs * 2 ** failures, tookMs);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (view.listeners.size === 0) break;
      const beganMs = performance.now();
      try {
        const batch = await look();
        failures = 0;
        if (batch.rows.length > 0 || batch.leftOut > 0)
          for (const { tell } of [...view.listeners]) tell(batch);
      } catch (error) {
        // The place has not moved, so the next look finds what this one did not.
        logEvent('tail_look_failed', { error });
        failures += 1;
        if (failures === failuresMax) {
          for (const { lose } of [...view.listeners]) lose();
          view.listeners.clear();
        }
      }
      tookMs = performance.now() - beganMs;
    }
    if (views.get(key) === view) views.delete(key);
  }

  return {
    /** Resolves once nothing that arrives from now on can be missed. Returns how to leave. */
    async join(key: string, start: () => Promise<Look>, listener: Listener): Promise<() => void> {
      let view = views.get(key);
      if (view === undefined || view.listeners.size === 0) {
        view = { listeners: new Set(), ready: start() };
        views.set(key, view);
        view.listeners.add(listener);
        void run(key);
      } else view.listeners.add(listener);
      const joined = view;
      const leave = () => void joined.listeners.delete(listener);
      try {
        await joined.ready;
      } catch (error) {
        leave();
        throw error;
      }
      return leave;
    },
    /** How many views are being polled. */
    watched: () => [...views.values()].filter(({ listeners }) => listeners.size > 0).length,
  };
}

export type Hub = ReturnType<typeof createHub>;

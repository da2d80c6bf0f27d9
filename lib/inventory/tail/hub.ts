import { logEvent } from '@/lib/core/log';
import type { Batch } from './schema';

export type Listener = (batch: Batch) => void;
/** Looks once; keeps its place between looks. */
export type Look = () => Promise<Batch>;

/**
 * One poller for each view that anybody watches, however many do; none where nobody does. `start` fixes a
 * place and returns how to look on from there.
 */
export function createHub(pollMs: number) {
  const views = new Map<string, { listeners: Set<Listener>; ready: Promise<Look> }>();

  async function run(key: string) {
    const view = views.get(key);
    if (view === undefined) return;
    const look = await view.ready.catch(() => null);
    while (look !== null && view.listeners.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      if (view.listeners.size === 0) break;
      try {
        const batch = await look();
        if (batch.rows.length === 0 && batch.leftOut === 0) continue;
        for (const listener of [...view.listeners]) listener(batch);
      } catch (error) {
        // The place has not moved, so the next look finds what this one did not.
        logEvent('tail_look_failed', { error });
      }
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

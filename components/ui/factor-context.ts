'use client';

import { createContext, useCallback, useContext } from 'react';
import type { Acted } from '@/lib/core/result';

/** Asks for a second factor in a dialog; whether it was shown. Given by the console's layout. */
export const FactorContext = createContext<() => Promise<boolean>>(async () => false);

/** Runs a server action, and once more after a second factor was shown, where that is all that it lacks. */
export function useWithFactor() {
  const showFactor = useContext(FactorContext);
  return useCallback(
    async <Value>(run: () => Promise<Acted<Value>>): Promise<Acted<Value>> => {
      const first = await run();
      if (first.ok || first.reason !== 'factor_needed') return first;
      return (await showFactor()) ? run() : first;
    },
    [showFactor],
  );
}

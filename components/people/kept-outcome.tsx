'use client';

import {
  createContext,
  type ReactNode,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import type { PeopleResult } from '@/lib/people/members/schema';
import { PeopleOutcome } from './outcome';

/** Takes what came of an act whose own form goes with what it was about. */
export const KeepOutcome = createContext<(done: PeopleResult) => void>(() => undefined);

/** Around a page: says at its head what came of such an act, and takes the focus that would be lost. */
export function KeptOutcome({ children }: { children: ReactNode }) {
  const [kept, setKept] = useState<PeopleResult | null>(null);
  const said = useRef<HTMLDivElement>(null);
  const keep = useCallback((done: PeopleResult) => setKept(done), []);
  useLayoutEffect(() => {
    if (kept !== null) said.current?.focus();
  }, [kept]);
  return (
    <KeepOutcome value={keep}>
      <div ref={said} tabIndex={-1} className={kept === null ? 'vh' : 'people-outcome'}>
        <PeopleOutcome state={kept} />
      </div>
      {children}
    </KeepOutcome>
  );
}

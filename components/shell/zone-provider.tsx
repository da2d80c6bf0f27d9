'use client';

import { useRouter } from 'next/navigation';
import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react';
import { zoneCookie } from './zone';

const Zone = createContext('UTC');
const yearSeconds = 31_536_000;

/** The time zone that pages are in: the viewer's, as soon as the browser has told it. */
export const useZone = (): string => useContext(Zone);

/** Tells the server the browser's time zone in a cookie, so that no page is first in another one. */
export function ZoneProvider({
  zone,
  told,
  children,
}: {
  zone: string;
  /** What the cookie said when the page was made. */
  told: string | undefined;
  children: ReactNode;
}) {
  const router = useRouter();
  const isAsked = useRef(false);
  useEffect(() => {
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    if (timeZone === undefined || timeZone === zone || timeZone === told) return;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser
    document.cookie = `${zoneCookie}=${timeZone}; path=/; max-age=${yearSeconds}; samesite=lax`;
    // Once: a browser that keeps no cookies must not ask for ever.
    if (isAsked.current) return;
    isAsked.current = true;
    router.refresh();
  }, [zone, told, router]);
  return <Zone value={zone}>{children}</Zone>;
}

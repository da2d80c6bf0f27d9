'use client';

import { usePathname } from 'next/navigation';
import { useEffect, useRef } from 'react';

const regionId = 'announcer';

/** Says something to screen readers through the page's one polite live region. */
export function announce(words: string): void {
  const region = document.getElementById(regionId);
  if (region === null) return;
  // The same words twice are read only if the text changes in between.
  region.textContent = '';
  setTimeout(() => {
    region.textContent = words;
  }, 50);
}

/** The one polite live region; it also says the page's title after a move to another page. */
export function Announcer() {
  const pathname = usePathname();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    announce(document.title);
  }, [pathname]);
  return <div id={regionId} className="vh" aria-live="polite" role="status" />;
}

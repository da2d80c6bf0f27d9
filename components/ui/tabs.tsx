'use client';

import { type ReactNode, useEffect, useRef } from 'react';

/** A row of links to the parts of a page. Where it is wider than the screen it scrolls, and what is shown is in sight. */
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  const row = useRef<HTMLElement>(null);
  const shown = useRef<string | null>(null);
  // A page that is read again leaves the row where somebody has moved it to.
  useEffect(() => {
    const chosen = row.current?.querySelector<HTMLAnchorElement>('[aria-current]');
    if (!row.current || !chosen || chosen.href === shown.current) return;
    shown.current = chosen.href;
    showChosen(row.current);
  });
  useEffect(() => {
    const nav = row.current;
    if (nav === null) return;
    const sizes = new ResizeObserver(() => showChosen(nav));
    sizes.observe(nav);
    return () => sizes.disconnect();
  }, []);
  return (
    <nav ref={row} className="tabs" aria-label={label}>
      {children}
    </nav>
  );
}

function showChosen(nav: HTMLElement): void {
  const chosen = nav.querySelector<HTMLElement>('[aria-current]');
  if (chosen === null) return;
  const middle = chosen.offsetLeft - nav.offsetLeft + chosen.offsetWidth / 2;
  nav.scrollLeft = middle - nav.clientWidth / 2;
}

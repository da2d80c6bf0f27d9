'use client';

import Link from 'next/link';
import { useEffect, useRef } from 'react';
import { Tabs } from '@/components/ui/tabs';
import type { Way } from '@/lib/inventory/connect/ways';
import { ways } from '@/lib/inventory/connect/ways';

/** Which way is read is in the address; choosing another keeps the key that was made. */
export function WayList({ current }: { current: Way }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // Where the list is one line that scrolls, the way that is read must be in sight.
    const link = list.current?.querySelector<HTMLElement>(`a[href$="=${current.id}"]`);
    if (list.current && link) list.current.scrollLeft = link.offsetLeft - list.current.offsetLeft;
  }, [current]);
  return (
    <nav className="connect-ways" aria-label="Source">
      <h2 className="group-h">Source</h2>
      <ul ref={list}>
        {ways.map(({ id, title }) => (
          <li key={id}>
            <Link
              href={`/connect?way=${id}`}
              aria-current={id === current.id ? 'true' : undefined}
              scroll={false}
              replace
              prefetch={false}
            >
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export function FormTabs({ way, current }: { way: Way; current: string }) {
  if (way.forms.length < 2) return null;
  return (
    <Tabs label="Language">
      {way.forms.map(({ id, title }) => (
        <Link
          key={id}
          href={`/connect?way=${way.id}&form=${id}`}
          aria-current={id === current ? 'true' : undefined}
          scroll={false}
          replace
          prefetch={false}
        >
          {title}
        </Link>
      ))}
    </Tabs>
  );
}

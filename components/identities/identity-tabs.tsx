'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Tabs } from '@/components/ui/tabs';

/** The parts of the page of one identity; a count where there is one. */
export function IdentityTabs({
  id,
  tabs,
}: {
  id: string;
  tabs: readonly { part: string; name: string; count?: string }[];
}) {
  const pathname = usePathname();
  return (
    <Tabs label="Parts">
      {tabs.map(({ part, name, count }) => {
        const href = part === '' ? `/identities/${id}` : `/identities/${id}/${part}`;
        return (
          <Link
            key={part}
            href={href}
            prefetch={false}
            aria-current={pathname === href ? 'page' : undefined}
          >
            {name}
            {count === undefined ? null : (
              <>
                {' '}
                <span className="n">{count}</span>
              </>
            )}
          </Link>
        );
      })}
    </Tabs>
  );
}

'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Icon } from '@/components/ui/icon';
import { currentPage, type NavigationGroup } from './navigation';

/** By page, how much there waits for a person. */
export type Waiting = Readonly<Record<string, string>>;

/** The pages by group; the one shown is marked. Choosing one closes the popover of a narrow screen. */
export function SideLinks({
  groups,
  waiting,
}: {
  groups: readonly NavigationGroup[];
  waiting: Waiting;
}) {
  const current = currentPage(usePathname());
  return (
    <div className="nav">
      {groups.map((group) => (
        <div key={group.name} className="group">
          {group.name === '' ? null : <h2>{group.name}</h2>}
          {group.pages.map((page) => (
            <Link
              key={page.href}
              href={page.href}
              prefetch={false}
              aria-current={page.href === current?.href ? 'page' : undefined}
              onClick={closePopover}
            >
              <Icon name={page.icon} />
              {page.name}
              {waiting[page.href] === undefined ? null : (
                <span className="n">
                  {waiting[page.href]}
                  <span className="vh"> waiting</span>
                </span>
              )}
            </Link>
          ))}
        </div>
      ))}
    </div>
  );
}

function closePopover() {
  const side = document.getElementById('side');
  if (side?.matches(':popover-open')) side.hidePopover();
}

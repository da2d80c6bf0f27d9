import Link from 'next/link';
import type { ReactNode } from 'react';
import { Mark } from '@/components/ui/icon';
import type { Role } from '@/lib/people/schema';
import { navigationFor } from './navigation-for';
import { SideLinks, type Waiting } from './side-links';

/** Beside the page; on a narrow screen a popover that the top bar's menu button opens. */
export function Sidebar({
  organisation,
  roles,
  waiting,
  foot,
}: {
  organisation: string;
  /** Of whoever looks. */
  roles: readonly Role[];
  waiting: Waiting;
  foot: ReactNode;
}) {
  return (
    <nav className="side" id="side" popover="auto" aria-label="Main">
      <Link className="brand" href="/overview" prefetch={false}>
        <Mark />
        Sallyport
        <span className="org trunc" title={organisation}>
          {organisation}
        </span>
      </Link>
      <SideLinks groups={navigationFor(roles)} waiting={waiting} />
      <div className="foot">{foot}</div>
    </nav>
  );
}

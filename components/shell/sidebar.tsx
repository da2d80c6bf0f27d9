import Link from 'next/link';
import type { ReactNode } from 'react';
import { Mark } from '@/components/ui/icon';
import { SideLinks } from './side-links';

/** Beside the page; on a narrow screen a popover that the top bar's menu button opens. */
export function Sidebar({ organisation, foot }: { organisation: string; foot: ReactNode }) {
  return (
    <nav className="side" id="side" popover="auto" aria-label="Main">
      <Link className="brand" href="/inventory" prefetch={false}>
        <Mark />
        Sallyport
        <span className="org trunc" title={organisation}>
          {organisation}
        </span>
      </Link>
      <SideLinks />
      <div className="foot">{foot}</div>
    </nav>
  );
}

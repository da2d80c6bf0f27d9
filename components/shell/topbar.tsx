import type { ReactNode } from 'react';
import { Icon } from '@/components/ui/icon';
import { Breadcrumbs } from './breadcrumbs';

export function Topbar({ children }: { children: ReactNode }) {
  return (
    <header className="topbar">
      <button
        type="button"
        className="btn ghost icon menu-btn"
        popoverTarget="side"
        aria-label="Open navigation"
      >
        <Icon name="menu" />
      </button>
      <Breadcrumbs />
      <span className="spacer" />
      {children}
    </header>
  );
}

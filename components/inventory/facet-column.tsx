'use client';

import { type ReactNode, useState } from 'react';
import { Icon } from '@/components/ui/icon';

/** Beside the list where there is room; one button above it where there is not. */
export function FacetColumn({ children }: { children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <section className={isOpen ? 'facets open' : 'facets'} aria-label="Filters">
      <button
        type="button"
        className="facets-toggle"
        aria-expanded={isOpen}
        aria-controls="facet-groups"
        onClick={() => setIsOpen(!isOpen)}
      >
        <Icon name="filter" size={14} />
        Filters
      </button>
      <div id="facet-groups">{children}</div>
    </section>
  );
}

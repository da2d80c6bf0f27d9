'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect } from 'react';
import { Icon, type IconName } from '@/components/ui/icon';

/** The panel beside a list: closes on Escape, and leads back to the row it was opened from. */
export function SidePanel({
  id,
  icon,
  title,
  closeHref,
  children,
}: {
  /** `data-id` of the row. */
  id: string;
  icon: IconName;
  title: ReactNode;
  closeHref: string;
  children: ReactNode;
}) {
  const router = useRouter();
  useEffect(() => {
    const closeByKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      // What lies above closes first, by itself.
      if (document.querySelector('dialog[open], :popover-open') !== null) return;
      focusRow(id);
      router.push(closeHref, { scroll: false });
    };
    document.addEventListener('keydown', closeByKey);
    return () => document.removeEventListener('keydown', closeByKey);
  }, [id, closeHref, router]);
  return (
    <aside className="panel sheet" aria-labelledby="panel-title">
      <div className="panel-head">
        <Icon name={icon} />
        <h2 id="panel-title" className="trunc">
          {title}
        </h2>
        <span className="grow" />
        <Link
          className="btn ghost icon sm"
          href={closeHref}
          aria-label="Close, Escape"
          title="Close, Escape"
          scroll={false}
          onClick={() => focusRow(id)}
        >
          <Icon name="x" />
        </Link>
      </div>
      {children}
    </aside>
  );
}

const focusRow = (id: string) =>
  document.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(id)}"] a`)?.focus();

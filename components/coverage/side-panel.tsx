'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { announce } from '@/components/ui/announce';
import { Button } from '@/components/ui/button';
import { Icon, type IconName } from '@/components/ui/icon';
import { type Losable, losableIn } from './losable';

type Leaving = { href: string; loses: Losable };

/**
 * The panel beside a list: takes the focus of the row that opened it, walks rows by J and K, closes on Escape and
 * leads back to its row. What is shown once or half written in it is not lost without being asked.
 */
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
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const [leaving, setLeaving] = useState<Leaving | null>(null);

  useEffect(() => {
    if (document.activeElement?.closest(rowOf(id)) != null) heading.current?.focus();
  }, [id]);

  useEffect(() => {
    /** Whether it may go on at once; else it is asked. */
    const mayLeave = (href: string): boolean => {
      const loses = losableIn(panel.current);
      if (loses === null) return true;
      setLeaving({ href, loses });
      dialog.current?.showModal();
      return false;
    };
    const walk = (step: 1 | -1) => {
      const rows = [...document.querySelectorAll<HTMLElement>('tr[data-id]')];
      const at = rows.findIndex((row) => row.dataset.id === id);
      const link = at === -1 ? null : rows[at + step]?.querySelector('a');
      const href = link?.getAttribute('href');
      if (link == null || href == null || !mayLeave(href)) return;
      if (panel.current?.contains(document.activeElement)) announce(link.textContent ?? '');
      else link.focus();
      router.replace(href, { scroll: false });
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      // What lies above closes first, by itself.
      if (document.querySelector('dialog[open], :popover-open') !== null) return;
      const target = event.target instanceof Element ? event.target : null;
      if (event.key === 'Escape') {
        // The same key would close again what asks.
        event.preventDefault();
        if (!mayLeave(closeHref)) return;
        focusRow(id);
        router.push(closeHref, { scroll: false });
      } else if (event.key === 'j' || event.key === 'k') {
        const isHere = panel.current?.contains(target) || target?.closest('tr[data-id]') != null;
        if (isHere && target?.closest('input, textarea, select') == null)
          walk(event.key === 'j' ? 1 : -1);
      }
    };
    // Before the link itself hears of it, wherever on the page it stands.
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
      const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
      const href = link?.getAttribute('href');
      if (!isPlain || href == null || mayLeave(href)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    const onUnload = (event: BeforeUnloadEvent) => {
      if (losableIn(panel.current) !== null) event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    document.addEventListener('click', onClick, true);
    window.addEventListener('beforeunload', onUnload);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      document.removeEventListener('click', onClick, true);
      window.removeEventListener('beforeunload', onUnload);
    };
  }, [id, closeHref, router]);

  return (
    <aside ref={panel} className="panel sheet" aria-labelledby="panel-title">
      <div className="panel-head">
        <Icon name={icon} />
        <h2 ref={heading} id="panel-title" className="trunc" tabIndex={-1}>
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
      <dialog ref={dialog} className="dialog" aria-labelledby="leave-title">
        <header id="leave-title">Leave this panel?</header>
        <div className="b">
          <p>
            {leaving?.loses === 'key'
              ? 'The key in it is shown this once and cannot be shown again.'
              : 'What you wrote in it is lost.'}
          </p>
        </div>
        <footer>
          <Button onClick={() => dialog.current?.close()}>Stay</Button>
          <Button
            variant="danger-solid"
            onClick={() => {
              dialog.current?.close();
              if (leaving !== null) router.push(leaving.href, { scroll: false });
            }}
          >
            Leave
          </Button>
        </footer>
      </dialog>
    </aside>
  );
}

const rowOf = (id: string) => `tr[data-id="${CSS.escape(id)}"]`;
const focusRow = (id: string) => document.querySelector<HTMLElement>(`${rowOf(id)} a`)?.focus();

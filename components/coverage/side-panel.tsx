'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { announce } from '@/components/ui/announce';
import { Button } from '@/components/ui/button';
import { Icon, type IconName } from '@/components/ui/icon';
import { isGuarded, setGuard, watchBack } from './guard-back';
import { type Losable, losableIn } from './losable';
import { currentRow, focusRow, hrefOf, rowAfter, rowAround } from './panel-rows';

/** Where to: an address, or one step back. */
type Leaving = { to: { href: string } | 'back'; loses: Losable };

/**
 * The panel beside a list: takes the focus of the row that opened it, walks rows by J and K, closes on Escape and
 * leads back to its row. What is shown once or half written in it is not lost to a link of this page, a step back,
 * Escape or an unload without being asked; a jump of several steps in the history is not held up.
 */
export function SidePanel({
  href,
  icon,
  title,
  closeHref,
  children,
}: {
  /** Its own address, to which the first link of its row leads; several rows may be about it. */
  href: string;
  icon: IconName;
  title: ReactNode;
  closeHref: string;
  children: ReactNode;
}) {
  const router = useRouter();
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  /** `data-id` of the row it was opened from. */
  const opener = useRef<string | undefined>(undefined);
  const isLeaving = useRef(false);
  const guard = useCallback(() => {
    if (isLeaving.current || dialog.current?.open === true) return;
    if (losableIn(panel.current) !== null) setGuard();
  }, []);
  const [leaving, setLeaving] = useState<Leaving | null>(null);

  useEffect(() => {
    isLeaving.current = false;
    const row = rowAround(document.activeElement);
    if (row === null || hrefOf(row) !== href) return;
    opener.current = row.dataset.id;
    heading.current?.focus();
  }, [href]);

  // However it is closed, the focus is not lost with it.
  const own = useRef(href);
  useLayoutEffect(() => {
    own.current = href;
  }, [href]);
  useLayoutEffect(() => {
    const closing = panel.current;
    return () => {
      if (closing?.contains(document.activeElement)) focusRow(own.current, opener.current);
    };
  }, []);

  // Before anybody sees the next panel: a key pressed at once is about that one.
  useLayoutEffect(() => {
    /** Whether it may go on at once; else it is asked. */
    const mayLeave = (to: Leaving['to']): boolean => {
      const loses = isLeaving.current ? null : losableIn(panel.current);
      if (loses === null) return true;
      setLeaving({ to, loses });
      if (dialog.current?.open === false) dialog.current.showModal();
      return false;
    };
    const walk = (step: 1 | -1) => {
      const row = rowAfter(currentRow(href, opener.current), step);
      const link = row?.querySelector('a');
      const next = link?.getAttribute('href');
      if (link == null || next == null || !mayLeave({ href: next })) return;
      opener.current = row?.dataset.id;
      if (panel.current?.contains(document.activeElement)) announce(link.textContent ?? '');
      else link.focus();
      router.replace(next, { scroll: false });
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      // What lies above closes first, by itself.
      if (document.querySelector('dialog[open], :popover-open') !== null) return;
      const target = event.target instanceof Element ? event.target : null;
      if (event.key === 'Escape') {
        // The same key would close again what asks.
        event.preventDefault();
        if (!mayLeave({ href: closeHref })) return;
        focusRow(href, opener.current);
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
      // Those leave this page where it is.
      const isElsewhere = link?.matches('[target]:not([target="_self"]), [download]') === true;
      const to = link?.getAttribute('href');
      if (!isPlain || isElsewhere || to == null) return;
      if (mayLeave({ href: to })) {
        // Asked for again, as by a row that has the focus while the panel is still closing.
        if (to === href) {
          opener.current = rowAround(link)?.dataset.id ?? opener.current;
          heading.current?.focus();
        }
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    };
    const onUnload = (event: BeforeUnloadEvent) => {
      if (!isLeaving.current && losableIn(panel.current) !== null) event.preventDefault();
    };
    const unwatch =
      panel.current === null
        ? undefined
        : watchBack(panel.current, {
            change: guard,
            back: () => {
              // Where nothing is lost the step goes on, over every entry of this same page.
              if (mayLeave('back')) history.back();
            },
          });
    document.addEventListener('keydown', onKeyDown);
    document.addEventListener('click', onClick, true);
    window.addEventListener('beforeunload', onUnload);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      document.removeEventListener('click', onClick, true);
      window.removeEventListener('beforeunload', onUnload);
      unwatch?.();
    };
  }, [href, closeHref, router, guard]);

  const leave = () => {
    isLeaving.current = true;
    dialog.current?.close();
    if (leaving?.to === 'back') history.back();
    // The guard goes with what it guarded, or a step back would lead to this page twice.
    else if (leaving !== null)
      router[isGuarded() ? 'replace' : 'push'](leaving.to.href, { scroll: false });
  };

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
          onClick={() => focusRow(href, opener.current)}
        >
          <Icon name="x" />
        </Link>
      </div>
      {children}
      <dialog
        ref={dialog}
        className="dialog"
        aria-labelledby="leave-title"
        // Whoever stayed after a step back is asked again at the next.
        onClose={guard}
      >
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
          <Button variant="danger-solid" onClick={leave}>
            Leave
          </Button>
        </footer>
      </dialog>
    </aside>
  );
}

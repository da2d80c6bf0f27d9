import Link from 'next/link';
import type { ReactNode } from 'react';
import { buttonClass } from './button';
import { Icon } from './icon';

/** A page to go to, or the sentence why there is none that way. */
export type PagerTarget = { href: string } | { unavailable: string };

const wordsByOrder = {
  time: { back: 'Newer', on: 'Older' },
  other: { back: 'Previous', on: 'Next' },
} as const;

/** Newer and Older for lists by time, Previous and Next for any other order. */
export function Pager({
  order = 'time',
  back,
  on,
  children,
}: {
  order?: keyof typeof wordsByOrder;
  back: PagerTarget;
  on: PagerTarget;
  /** What is shown: "Rows 1 to 24 of 6,318". */
  children: ReactNode;
}) {
  const words = wordsByOrder[order];
  return (
    <nav className="pager" aria-label="Pages">
      <span className="grow">{children}</span>
      <Step target={back}>
        <Icon name="left" size={12} />
        {words.back}
      </Step>
      <Step target={on}>
        {words.on}
        <Icon name="right" size={12} />
      </Step>
    </nav>
  );
}

function Step({ target, children }: { target: PagerTarget; children: ReactNode }) {
  if ('href' in target)
    return (
      <Link className={buttonClass()} href={target.href} scroll={false} prefetch={false}>
        {children}
      </Link>
    );
  return (
    <button type="button" className={buttonClass()} aria-disabled title={target.unavailable}>
      {children}
    </button>
  );
}

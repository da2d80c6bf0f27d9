'use client';

import { type ReactNode, useEffect, useRef } from 'react';

/** A menu below its button that works without script; with it, Escape and whatever is done beside it close it. */
export function Disclosure({
  className,
  summary,
  summaryClass = 'btn',
  children,
}: {
  className: string;
  summary: ReactNode;
  summaryClass?: string;
  children: ReactNode;
}) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = () => {
      if (details.current !== null) details.current.open = false;
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || details.current?.open !== true) return;
      // It lies above everything else that Escape closes.
      event.preventDefault();
      event.stopPropagation();
      close();
      details.current.querySelector('summary')?.focus();
    };
    const onElsewhere = ({ target }: Event) => {
      if (target instanceof Node && details.current?.contains(target) === false) close();
    };
    document.addEventListener('keydown', onKeyDown, true);
    document.addEventListener('pointerdown', onElsewhere);
    document.addEventListener('focusin', onElsewhere);
    return () => {
      document.removeEventListener('keydown', onKeyDown, true);
      document.removeEventListener('pointerdown', onElsewhere);
      document.removeEventListener('focusin', onElsewhere);
    };
  }, []);
  return (
    <details ref={details} className={className}>
      <summary className={summaryClass}>{summary}</summary>
      {children}
    </details>
  );
}

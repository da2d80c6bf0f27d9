'use client';

import type { ReactNode } from 'react';
import { ReasonDialog } from '@/components/settings/reason-dialog';
import { useSaid } from '@/components/settings/use-said';
import type { SettingsAction } from '@/lib/people/organisation/schema';

/** An act that ends something, and the line that says what came of it; what would stop is said before. */
export function StopDialog({
  children,
  ...dialog
}: {
  id: string;
  word: string;
  label: string;
  title: string;
  keep: string;
  act: SettingsAction;
  fields: Readonly<Record<string, string>>;
  children: ReactNode;
}) {
  const { line, say } = useSaid();
  return (
    <>
      <ReasonDialog {...dialog} done={say}>
        {children}
      </ReasonDialog>
      <p ref={line} className="s12 t2" role="status" tabIndex={-1} />
    </>
  );
}

import type { ReactNode } from 'react';
import { Mark } from '@/components/ui/icon';

/** The frame of pages outside the console: says nothing about the organisation. */
export function Door({
  title,
  notes,
  children,
}: {
  title: string;
  notes: readonly string[];
  children: ReactNode;
}) {
  return (
    <main id="main" tabIndex={-1} className="door">
      <section aria-labelledby="door-title">
        <p className="row strong name">
          <Mark />
          Sallyport
        </p>
        <h1 id="door-title">{title}</h1>
        {children}
      </section>
      <footer className="s12 t3">
        {notes.map((note) => (
          <span key={note}>{note}</span>
        ))}
      </footer>
    </main>
  );
}

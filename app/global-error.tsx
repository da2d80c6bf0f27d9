'use client';

import { Failure } from '@/components/shell/failure';
import './globals.css';

/** Replaces the root layout when that itself failed. */
export default function GlobalError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <html lang="en">
      <body>
        <main id="main" tabIndex={-1}>
          <Failure digest={error.digest} retry={reset} />
        </main>
      </body>
    </html>
  );
}

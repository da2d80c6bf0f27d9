'use client';

import { Failure } from '@/components/shell/failure';

export default function RootError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <main id="main" tabIndex={-1}>
      <Failure digest={error.digest} retry={reset} />
    </main>
  );
}

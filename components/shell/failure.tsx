'use client';

import { Button } from '@/components/ui/button';
import { Empty } from '@/components/ui/empty';

/** What a page shows when it failed: that it did, by which id the log knows it, and another try. */
export function Failure({ digest, retry }: { digest: string | undefined; retry: () => void }) {
  return (
    <div role="alert">
      <Empty
        level={1}
        title="This page could not be loaded"
        action={<Button onClick={retry}>Try again</Button>}
      >
        Something failed here.
        {digest === undefined ? null : (
          <>
            {' '}
            Quote <code>{digest}</code> if it stays.
          </>
        )}
      </Empty>
    </div>
  );
}

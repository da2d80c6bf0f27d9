import { type ReactNode, Suspense } from 'react';
import { Callout } from '@/components/ui/callout';
import { logEvent } from '@/lib/core/log';

/** A part of the page that is sent when it has been read, and whose failure is its own. */
export function Part<Value>(part: { of: Promise<Value>; children: (value: Value) => ReactNode }) {
  return (
    <Suspense
      fallback={
        <p className="sec">
          <span className="skel" />
        </p>
      }
    >
      <Late {...part} />
    </Suspense>
  );
}

async function Late<Value>({
  of,
  children,
}: {
  of: Promise<Value>;
  children: (value: Value) => ReactNode;
}) {
  const read = await of.then(
    (value) => ({ value }),
    (error: unknown) => logEvent('overview_part_failed', { error }),
  );
  return read === undefined ? (
    <div className="sec">
      <Callout tone="critical">This part could not be read. Load the page again.</Callout>
    </div>
  ) : (
    children(read.value)
  );
}

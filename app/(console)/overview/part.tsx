import { type ReactNode, Suspense } from 'react';
import { Callout } from '@/components/ui/callout';
import { logEvent } from '@/lib/core/log';

type Read<Value> = { of: Promise<Value>; children: (value: Value) => ReactNode };

/** A part of the page that is sent when it has been read, and whose failure is its own and says whose it is. */
export function Part<Value>(part: Read<Value> & { name: string }) {
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

/** Words beside the heading of a part; where they cannot be read the part itself says so. */
export function Beside<Value>({ of, children }: Read<Value>) {
  return (
    <Suspense fallback={null}>
      <LateBeside of={of}>{children}</LateBeside>
    </Suspense>
  );
}

async function LateBeside<Value>({ of, children }: Read<Value>) {
  const read = await of.then(
    (value) => ({ value }),
    () => null,
  );
  return read === null ? null : children(read.value);
}

async function Late<Value>({ of, name, children }: Read<Value> & { name: string }) {
  const read = await of.then(
    (value) => ({ value }),
    (error: unknown) => logEvent('overview_part_failed', { part: name, error }),
  );
  return read === undefined ? (
    <div className="sec">
      <Callout tone="critical">{name} could not be read. Load the page again.</Callout>
    </div>
  ) : (
    children(read.value)
  );
}

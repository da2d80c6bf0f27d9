'use client';

import { Button, buttonClass } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { LiveError } from './live';

/** What could not be read, why, and the way on; whoever signs in again does so beside this page, which loses nothing. */
export function LiveFailure({
  what,
  error,
  retry,
}: {
  what: string;
  error: Error;
  retry: () => void;
}) {
  const known = error instanceof LiveError ? error : null;
  // What was refused for what it is, is refused again.
  const isFinal = known?.code === 'invalid_input' || known?.code === 'forbidden';
  return (
    <>
      <Callout tone="critical" live>
        {what} {known?.message ?? 'The console did not answer.'}
        {known?.requestId == null || isFinal ? null : (
          <span className="mono"> {known.requestId}</span>
        )}
      </Callout>
      <p className="row wrap">
        {known?.code === 'unauthenticated' ? (
          <a className={buttonClass()} href="/sign-in" target="_blank" rel="noreferrer">
            Sign in, in a new tab
          </a>
        ) : null}
        {isFinal ? null : <Button onClick={retry}>Try again</Button>}
      </p>
    </>
  );
}

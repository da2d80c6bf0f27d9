'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { buttonClass } from '@/components/ui/button';
import { CodeBlock } from '@/components/ui/code-block';
import { Empty } from '@/components/ui/empty';
import { LiveProvider } from './live';
import { useArrivals } from './new-rows';

/** Before the first interaction: what to do, and the page turns into the list by itself. */
export function FirstUse({ environment, curl }: { environment: string; curl: string }) {
  return (
    <div className="first-use">
      <Empty
        title="No interactions yet"
        action={
          <Link className={buttonClass({ variant: 'primary' })} href="/connect">
            Connect an agent
          </Link>
        }
      >
        They appear here seconds after an agent sends its first span. Set this before starting one;
        Connect an agent makes the key.
      </Empty>
      <CodeBlock title="Shell, before starting the agent" code={environment} />
      <CodeBlock title="Or send one interaction yourself" code={curl} wrap />
      <LiveProvider>
        <Waiting />
      </LiveProvider>
    </div>
  );
}

function Waiting() {
  const router = useRouter();
  const count = useArrivals('from=30d', null);
  useEffect(() => {
    if (count > 0) router.refresh();
  }, [count, router]);
  return (
    <p className="waitbox" role="status">
      <span className="pulse-dot" aria-hidden="true" />
      {count > 0
        ? 'The first interaction is here.'
        : 'Waiting for the first interaction. This page continues by itself.'}
    </p>
  );
}

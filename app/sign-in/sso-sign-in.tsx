'use client';

import { useState, useTransition } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Icon } from '@/components/ui/icon';
import { startSso } from '@/lib/auth/sso/start';

/** Leads to the organisation's own sign-in; `refusal` is why the last way there and back came to nothing. */
export function SsoSignIn({
  name,
  target,
  refusal,
}: {
  name: string;
  target: string;
  refusal: string | null;
}) {
  const [problem, setProblem] = useState(refusal);
  const [isPending, start] = useTransition();
  const leave = () =>
    start(async () => {
      setProblem(null);
      setProblem(await startSso(target));
    });
  return (
    <>
      <Button size="large" aria-busy={isPending} onClick={leave}>
        <Icon name="user" />
        Continue with {name}
      </Button>
      {problem === null ? null : (
        <Callout tone="critical" live>
          {problem}
        </Callout>
      )}
    </>
  );
}

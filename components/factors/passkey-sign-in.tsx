'use client';

import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { useState, useTransition } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Icon } from '@/components/ui/icon';
import type { ShownPasskey } from '@/lib/auth/factor/schema';
import type { Acted } from '@/lib/core/result';
import { NotShown, showPasskey } from './passkey';

/** Signs in by a passkey alone, and goes on to `target`, a path of this console. */
export function PasskeySignIn({
  target,
  ask,
  enter,
}: {
  target: string;
  ask: () => Promise<PublicKeyCredentialRequestOptionsJSON>;
  enter: (shown: ShownPasskey) => Promise<Acted<null>>;
}) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isPending, start] = useTransition();
  const signIn = () =>
    start(async () => {
      setProblem(null);
      try {
        const entered = await enter(await showPasskey(await ask()));
        // A full load: nothing that this page held for whoever was here before stays.
        if (entered.ok) location.replace(target);
        else setProblem(entered.message);
      } catch (error) {
        setProblem(
          error instanceof NotShown ? error.message : 'The console did not answer. Try again.',
        );
      }
    });
  return (
    <>
      <Button size="large" aria-busy={isPending} onClick={signIn}>
        <Icon name="key" />
        Continue with a passkey
      </Button>
      {problem === null ? null : (
        <Callout tone="critical" live>
          {problem}
        </Callout>
      )}
    </>
  );
}

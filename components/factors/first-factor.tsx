'use client';

import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/browser';
import { useState, useTransition } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Field } from '@/components/ui/field';
import { Icon } from '@/components/ui/icon';
import type { AppSeed, FactorAnswer } from '@/lib/auth/enrol/ceremony';
import type { Acted } from '@/lib/core/result';
import { AppSeedView } from './app-seed-view';
import { deviceName } from './device-name';
import { makePasskey, NotShown } from './passkey';
import { RecoveryList } from './recovery-list';

export type FirstFactorActions = {
  beginApp: () => Promise<Acted<AppSeed>>;
  beginPasskey: () => Promise<Acted<PublicKeyCredentialCreationOptionsJSON>>;
  enrol: (answer: FactorAnswer) => Promise<Acted<string[]>>;
};

/** Sets up the first second factor, shows the recovery codes that come with it, and goes on to `target`. */
export function FirstFactor({ target, actions }: { target: string; actions: FirstFactorActions }) {
  const [seed, setSeed] = useState<AppSeed | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isPending, start] = useTransition();
  const attempt = (run: () => Promise<Acted<unknown>>) =>
    start(async () => {
      setProblem(null);
      try {
        const acted = await run();
        if (acted.ok) return;
        if (acted.reason === 'signed_out') location.replace('/sign-in');
        setProblem(acted.message);
      } catch (error) {
        setProblem(
          error instanceof NotShown ? error.message : 'The console did not answer. Try again.',
        );
      }
    });
  const enrol = async (answer: FactorAnswer) => {
    const enrolled = await actions.enrol(answer);
    if (enrolled.ok) setCodes(enrolled.value);
    return enrolled;
  };
  const byPasskey = () =>
    attempt(async () => {
      const begun = await actions.beginPasskey();
      if (!begun.ok) return begun;
      return enrol({ made: await makePasskey(begun.value), name: deviceName() });
    });
  const byApp = () =>
    attempt(async () => {
      const begun = await actions.beginApp();
      if (begun.ok) setSeed(begun.value);
      return begun;
    });

  if (codes !== null)
    return (
      <div className="stack-4" role="status">
        <Callout tone="allow">Your second factor is set up.</Callout>
        <RecoveryList codes={codes} />
        <Button variant="primary" size="large" onClick={() => location.replace(target)}>
          I have kept them
        </Button>
      </div>
    );
  return (
    <div className="stack-4">
      {problem === null ? null : (
        <Callout tone="critical" live>
          {problem}
        </Callout>
      )}
      {seed === null ? (
        <>
          <Button variant="primary" size="large" aria-busy={isPending} onClick={byPasskey}>
            <Icon name="key" />
            Make a passkey
          </Button>
          <Button size="large" aria-busy={isPending} onClick={byApp}>
            <Icon name="clock" />
            Use an authenticator app
          </Button>
        </>
      ) : (
        <form
          className="stack-4"
          onSubmit={(event) => {
            event.preventDefault();
            const code = String(new FormData(event.currentTarget).get('code') ?? '');
            attempt(() => enrol({ code }));
          }}
        >
          <AppSeedView seed={seed} />
          <Field
            id="code"
            name="code"
            label="Code that the app shows"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={8}
            autoFocus
            required
            large
          />
          <Button type="submit" variant="primary" size="large" aria-busy={isPending}>
            Continue
          </Button>
          <Button variant="ghost" onClick={() => setSeed(null)}>
            Another way
          </Button>
        </form>
      )}
    </div>
  );
}

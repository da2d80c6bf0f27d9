'use client';

import { type FormEvent, type ReactNode, useCallback, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { FactorContext } from '@/components/ui/factor-context';
import { Field } from '@/components/ui/field';
import { Icon } from '@/components/ui/icon';
import type { FactorShown, ShowableFactors } from '@/lib/auth/factor/schema';
import type { Acted } from '@/lib/core/result';
import { NotShown, showPasskey } from './passkey';

type Actions = {
  ask: () => Promise<Acted<ShowableFactors>>;
  show: (shown: FactorShown) => Promise<Acted<null>>;
};

const noneSentence =
  'You have no second factor here. Sign out, sign in again, and do it within 10 minutes.';

/** Gives the pages below a dialog that asks for a second factor again, for acts that need a fresh one. */
export function StepUp({ ask, show, children }: Actions & { children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const answer = useRef<(isShown: boolean) => void>(() => undefined);
  const [factors, setFactors] = useState<ShowableFactors | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const open = useCallback(async () => {
    const asked = await ask();
    const isNone = asked.ok && !asked.value.hasTotp && asked.value.passkey === null;
    setProblem(asked.ok ? (isNone ? noneSentence : null) : asked.message);
    setFactors(asked.ok ? asked.value : null);
    dialog.current?.showModal();
    return new Promise<boolean>((resolve) => {
      answer.current = resolve;
    });
  }, [ask]);

  const attempt = async (prove: () => Promise<FactorShown>) => {
    setBusy(true);
    setProblem(null);
    try {
      const shown = await show(await prove());
      if (!shown.ok) return setProblem(shown.message);
      answer.current(true);
      dialog.current?.close();
    } catch (error) {
      setProblem(
        error instanceof NotShown ? error.message : 'The console did not answer. Try again.',
      );
    } finally {
      setBusy(false);
    }
  };
  const byPasskey = async () => {
    // What was asked for first may have lapsed or been used.
    const asked = await ask();
    if (!asked.ok || asked.value.passkey === null) return setProblem('Begin again.');
    const { passkey } = asked.value;
    await attempt(async () => ({ passkey: await showPasskey(passkey) }));
  };
  const byCode = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const code = String(new FormData(form).get('code') ?? '');
    form.reset();
    void attempt(async () => ({ code }));
  };
  return (
    <FactorContext value={open}>
      {children}
      <dialog
        ref={dialog}
        className="dialog"
        aria-labelledby="step-up-title"
        onClose={() => answer.current(false)}
        onKeyDown={(event) => event.stopPropagation()}
      >
        <header id="step-up-title">Show your second factor again</header>
        <div className="b stack-3">
          <p>This needs one that was shown within the last 10 minutes.</p>
          {problem === null ? null : (
            <Callout tone="critical" live>
              {problem}
            </Callout>
          )}
          {factors?.passkey ? (
            <p>
              <Button variant="primary" aria-busy={isBusy} onClick={byPasskey}>
                <Icon name="key" />
                Use a passkey
              </Button>
            </p>
          ) : null}
          {factors?.hasTotp ? (
            <form id="step-up-code" className="stack-3" onSubmit={byCode}>
              <Field
                id="step-up-field"
                name="code"
                label="Code from your authenticator app"
                inputMode="numeric"
                autoComplete="one-time-code"
                maxLength={8}
                required
              />
            </form>
          ) : null}
        </div>
        <footer>
          <Button onClick={() => dialog.current?.close()}>Leave it</Button>
          {factors?.hasTotp ? (
            <Button
              type="submit"
              form="step-up-code"
              variant={factors.passkey ? 'plain' : 'primary'}
            >
              Continue
            </Button>
          ) : null}
        </footer>
      </dialog>
    </FactorContext>
  );
}

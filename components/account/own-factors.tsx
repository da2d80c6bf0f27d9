'use client';

import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/browser';
import { useRouter } from 'next/navigation';
import { useState, useTransition } from 'react';
import { AppSeedView } from '@/components/factors/app-seed-view';
import { deviceName } from '@/components/factors/device-name';
import { makePasskey, NotShown } from '@/components/factors/passkey';
import { RecoveryList } from '@/components/factors/recovery-list';
import { Visible } from '@/components/inventory/visible';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { useWithFactor } from '@/components/ui/factor-context';
import { Field } from '@/components/ui/field';
import { Icon } from '@/components/ui/icon';
import { NoRows, Table } from '@/components/ui/table';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { AppSeed, FactorAnswer } from '@/lib/auth/enrol/ceremony';
import type { OwnFactors } from '@/lib/auth/enrol/queries';
import type { Acted } from '@/lib/core/result';
import { relativeTime, utcTime } from '@/lib/inventory/time';

type FormAction = (last: Acted<null> | null, form: FormData) => Promise<Acted<null>>;
export type OwnFactorActions = {
  beginApp: () => Promise<Acted<AppSeed>>;
  beginPasskey: () => Promise<Acted<PublicKeyCredentialCreationOptionsJSON>>;
  add: (answer: FactorAnswer) => Promise<Acted<null>>;
  remove: FormAction;
  rename: FormAction;
  renewCodes: () => Promise<Acted<string[]>>;
};

/** A person's own passkeys, app and recovery codes. */
export function OwnFactorList({
  factors,
  actions,
  now,
}: {
  factors: OwnFactors;
  actions: OwnFactorActions;
  now: Date;
}) {
  const [seed, setSeed] = useState<AppSeed | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [said, setSaid] = useState<{ tone: 'allow' | 'critical'; text: string } | null>(null);
  const [isPending, start] = useTransition();
  const withFactor = useWithFactor();
  const router = useRouter();
  const isLast = factors.passkeys.length + (factors.totpSince === null ? 0 : 1) < 2;

  const attempt = <Value,>(
    run: () => Promise<Acted<Value>>,
    done: (value: Value) => string | null,
  ) =>
    start(async () => {
      setSaid(null);
      try {
        const acted = await run();
        if (!acted.ok) return setSaid({ tone: 'critical', text: acted.message });
        const text = done(acted.value);
        if (text !== null) setSaid({ tone: 'allow', text });
        router.refresh();
      } catch (error) {
        const text =
          error instanceof NotShown ? error.message : 'The console did not answer. Try again.';
        setSaid({ tone: 'critical', text });
      }
    });
  const addPasskey = () =>
    attempt(
      async () => {
        const begun = await withFactor(actions.beginPasskey);
        if (!begun.ok) return begun;
        const made = await makePasskey(begun.value);
        return withFactor(() => actions.add({ made, name: deviceName() }));
      },
      () => 'The passkey is set up.',
    );
  const beginApp = () =>
    attempt(
      () => withFactor(actions.beginApp),
      (begun) => {
        setSeed(begun);
        return null;
      },
    );
  const renew = () =>
    attempt(
      () => withFactor(actions.renewCodes),
      (made) => {
        setCodes(made);
        return null;
      },
    );
  return (
    <section aria-labelledby="factors">
      <h2 id="factors">Second factors</h2>
      <Table
        caption="Your second factors"
        rows="entity"
        head={
          <>
            <th scope="col">Factor</th>
            <th scope="col">Kind</th>
            <th scope="col" className="p3">
              Set up
            </th>
            <th scope="col" className="p2">
              Last used
            </th>
            <th scope="col">
              <span className="vh">Actions</span>
            </th>
          </>
        }
      >
        {factors.passkeys.map((passkey) => (
          <tr key={passkey.id}>
            <th scope="row">
              <Visible text={passkey.name} oneLine />
            </th>
            <td>{passkey.isSynced ? 'Passkey, synced' : 'Passkey, this device'}</td>
            <td className="t2 p3" title={utcTime(passkey.createdAt)}>
              {relativeTime(passkey.createdAt, now)}
            </td>
            <td
              className="t2 p2"
              title={passkey.lastUsedAt === null ? undefined : utcTime(passkey.lastUsedAt)}
            >
              {passkey.lastUsedAt === null ? 'never' : relativeTime(passkey.lastUsedAt, now)}
            </td>
            <td>
              <Remove id={passkey.id} name={passkey.name} isLast={isLast} remove={actions.remove} />
            </td>
          </tr>
        ))}
        {factors.totpSince === null ? null : (
          <tr>
            <th scope="row">Authenticator app</th>
            <td>Six-digit code</td>
            <td className="t2 p3" title={utcTime(factors.totpSince)}>
              {relativeTime(factors.totpSince, now)}
            </td>
            <td className="t3 p2">not kept</td>
            <td>
              <Remove
                id="totp"
                name="the authenticator app"
                isLast={isLast}
                remove={actions.remove}
              />
            </td>
          </tr>
        )}
        {factors.passkeys.length === 0 && factors.totpSince === null ? (
          <NoRows columns={5}>
            Your second factor is shown to your organisation&rsquo;s own sign-in.
          </NoRows>
        ) : null}
      </Table>
      {said === null ? null : (
        <Callout tone={said.tone} live>
          {said.text}
        </Callout>
      )}
      <div className="row wrap">
        <Button variant="primary" aria-busy={isPending} onClick={addPasskey}>
          Add a passkey
        </Button>
        <Button aria-busy={isPending} onClick={beginApp}>
          {factors.totpSince === null ? 'Set up an app' : 'Set up another app'}
        </Button>
        <Button aria-busy={isPending} onClick={renew}>
          Make new recovery codes
        </Button>
        <span className="t2 s12">
          {factors.recoveryCodesLeft === 0
            ? 'No recovery code is left.'
            : `${factors.recoveryCodesLeft} recovery codes left. New ones replace them.`}
        </span>
      </div>
      {codes === null ? null : (
        <div className="narrow">
          <RecoveryList codes={codes} />
        </div>
      )}
      {seed === null ? null : (
        <form
          className="stack-3 narrow"
          aria-label="Set up an authenticator app"
          onSubmit={(event) => {
            event.preventDefault();
            const code = String(new FormData(event.currentTarget).get('code') ?? '');
            attempt(
              () => withFactor(() => actions.add({ code })),
              () => {
                setSeed(null);
                return 'The app is set up. Codes of one before open nothing any more.';
              },
            );
          }}
        >
          <AppSeedView seed={seed} />
          <Field
            id="app-code"
            name="code"
            label="Code that the app shows"
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={8}
            required
          />
          <div className="row">
            <Button type="submit" aria-busy={isPending}>
              Set it up
            </Button>
            <Button variant="ghost" onClick={() => setSeed(null)}>
              Leave it
            </Button>
          </div>
        </form>
      )}
      {factors.passkeys.map((passkey) => (
        <Rename key={passkey.id} passkey={passkey} rename={actions.rename} />
      ))}
    </section>
  );
}

function Remove({
  id,
  name,
  isLast,
  remove,
}: {
  id: string;
  name: string;
  isLast: boolean;
  remove: FormAction;
}) {
  const { state, isPending, form } = useKeptForm<null>(remove);
  const why = isLast ? 'Your last second factor: add another one first' : undefined;
  return (
    <form {...form} className="row">
      <input type="hidden" name="factor" value={id} />
      <Button
        type="submit"
        variant="danger"
        size="small"
        aria-label={`Remove ${name}`}
        unavailable={why ?? (isPending ? 'Removing it' : undefined)}
      >
        Remove
      </Button>
      {state?.ok === false ? <span role="alert">{state.message}</span> : null}
    </form>
  );
}

function Rename({
  passkey,
  rename,
}: {
  passkey: OwnFactors['passkeys'][number];
  rename: FormAction;
}) {
  const { state, isPending, form } = useKeptForm<null>(rename);
  return (
    <details className="account-rename">
      <summary>
        <Icon name="right" size={12} />
        Rename <Visible text={passkey.name} oneLine />
      </summary>
      <form {...form} className="inline">
        <input type="hidden" name="id" value={passkey.id} />
        <Field
          id={`name-${passkey.id}`}
          name="name"
          label="Name"
          defaultValue={passkey.name}
          maxLength={120}
          required
          error={state?.ok === false ? state.message : undefined}
        />
        <Button type="submit" unavailable={isPending ? 'Renaming it' : undefined}>
          Rename
        </Button>
      </form>
    </details>
  );
}

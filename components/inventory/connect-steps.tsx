'use client';

import Link from 'next/link';
import { type ReactNode, useActionState, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { CodeBlock } from '@/components/ui/code-block';
import { CopyTextButton } from '@/components/ui/copy-button';
import { Field, SelectField } from '@/components/ui/field';
import { Icon } from '@/components/ui/icon';
import type { Connect, Connected } from '@/lib/inventory/connect';
import { curlCommand, environmentBlock, keyPlaceholder } from '@/lib/inventory/first-interaction';
import { utcTime } from '@/lib/inventory/time';
import { LiveProvider } from './live';
import { useArrivals } from './new-rows';

type Choice = { id: string; name: string };
type Ids = { trace: string; span: string; nowMs: number };

/** Identity, key, environment, first interaction: one after the other, on one page. */
export function ConnectSteps({
  choices,
  connect,
  gatewayUrl,
  ids,
}: {
  choices: readonly Choice[];
  /** Null for whoever may not register. */
  connect: Connect | null;
  gatewayUrl: string;
  ids: Ids;
}) {
  const [state, submit, isPending] = useActionState(connect ?? keepState, null);
  const made = state?.ok === true ? state.value : null;
  const service = made?.name ?? 'my-agent';
  const key = made?.ingestKey ?? keyPlaceholder;
  const shared = { gatewayUrl, key, service };
  return (
    <div className="split connect">
      <div className="body">
        <ol className="connect-steps">
          <Step number={1} title="Identity" isDone={made !== null} isCurrent={made === null}>
            {made === null ? (
              <IdentityForm
                choices={choices}
                submit={submit}
                isPending={isPending}
                mayRegister={connect !== null}
                problem={state?.ok === false ? state.message : null}
              />
            ) : (
              <p className="t2">
                {made.name} <span className="id">{made.id}</span>
              </p>
            )}
          </Step>
          <Step number={2} title="Ingest key" isDone={made !== null} isCurrent={false}>
            {made === null ? (
              <p className="t2">
                Made with the identity and shown once. It may only write telemetry.
              </p>
            ) : (
              <KeyShown made={made} />
            )}
          </Step>
          <Step number={3} title="Send telemetry" isDone={false} isCurrent={made !== null}>
            <CodeBlock title="Shell, before starting the agent" code={environmentBlock(shared)} />
            <p className="s12 t3">
              Any OpenTelemetry SDK reads these. What is sent is kept, redacted or reduced to a
              digest by the content policy; nothing is blocked.
            </p>
          </Step>
          <Step number={4} title="First interaction" isDone={false} isCurrent={false}>
            <LiveProvider>{made === null ? <Idle /> : <Waiting identity={made.id} />}</LiveProvider>
            <details>
              <summary>
                <Icon name="right" size={12} className="chev" />
                <span className="tone-accent">Nothing arrives?</span>
              </summary>
              <ul className="t2 s12 connect-help">
                <li>401: the key belongs to another installation, or has ended.</li>
                <li>Connection refused: nothing listens at {gatewayUrl} as seen from the agent.</li>
                <li>
                  200 but nothing here: look in <Link href="/health/quarantine">Quarantine</Link>,
                  it names the reason for each span.
                </li>
              </ul>
            </details>
          </Step>
        </ol>
      </div>
      <aside className="connect-rail" aria-label="Try it">
        <section className="sec stack">
          <h2>No agent at hand?</h2>
          <p className="t2 s12">Send one interaction yourself.</p>
          <CodeBlock title="curl" code={curlCommand({ ...shared, ...ids })} wrap />
        </section>
      </aside>
    </div>
  );
}

const keepState: Connect = async (last) => last ?? { ok: false, reason: 'refused', message: '' };

function Step({
  number,
  title,
  isDone,
  isCurrent,
  children,
}: {
  number: number;
  title: string;
  isDone: boolean;
  isCurrent: boolean;
  children: ReactNode;
}) {
  return (
    <li className={isDone ? 'done' : undefined} aria-current={isCurrent ? 'step' : undefined}>
      <span className="pip">{isDone ? <Icon name="check" size={12} /> : number}</span>
      <div className="stack">
        <h2>
          {title}
          {isDone ? <span className="vh">, done</span> : null}
        </h2>
        {children}
      </div>
    </li>
  );
}

const create = 'new';

function IdentityForm({
  choices,
  submit,
  isPending,
  mayRegister,
  problem,
}: {
  choices: readonly Choice[];
  submit: (form: FormData) => void;
  isPending: boolean;
  mayRegister: boolean;
  problem: string | null;
}) {
  const [chosen, setChosen] = useState(create);
  const unavailable = mayRegister
    ? isPending
      ? 'Making the key'
      : undefined
    : 'An administrator registers identities';
  return (
    <form action={submit} className="stack connect-form">
      {choices.length === 0 ? (
        <input type="hidden" name="identity" value={create} />
      ) : (
        <SelectField
          id="identity"
          name="identity"
          label="Who sends telemetry"
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
        >
          <option value={create}>Register a new identity</option>
          {choices.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
      {chosen === create ? (
        <>
          <Field
            id="name"
            name="name"
            label="Name"
            placeholder="returns-agent"
            help="Letters, digits, dots, dashes or underscores, unique in the organisation."
            required
            maxLength={63}
            autoComplete="off"
            spellCheck={false}
          />
          <SelectField id="kind" name="kind" label="Kind" defaultValue="agent">
            <option value="agent">Agent</option>
            <option value="daemon">Daemon</option>
            <option value="service">Service</option>
          </SelectField>
        </>
      ) : null}
      {problem === null || problem === '' ? null : (
        <Callout tone="critical" live>
          {problem}
        </Callout>
      )}
      <p>
        <Button variant="primary" type="submit" unavailable={unavailable}>
          {chosen === create ? 'Register and make a key' : 'Make a key'}
        </Button>
      </p>
    </form>
  );
}

function KeyShown({ made }: { made: Connected }) {
  return (
    <>
      <p className="t2">
        May only write telemetry of {made.name}. Ends on {utcTime(new Date(made.expiresAt))}.
      </p>
      <div className="row wrap">
        <code className="connect-key">{made.ingestKey}</code>
        <CopyTextButton value={made.ingestKey} label="Copy ingest key" />
      </div>
      <p className="t3 s12">Shown this once. Make another if it is lost.</p>
    </>
  );
}

const Idle = () => (
  <p className="waitbox t3" role="status">
    Waits once there is a key.
  </p>
);

function Waiting({ identity }: { identity: string }) {
  const count = useArrivals(`identity=${identity}&from=15m`, null);
  if (count === 0) {
    return (
      <p className="waitbox" role="status">
        <span className="pulse-dot" aria-hidden="true" />
        Waiting for the first interaction. This page continues by itself, you may leave it.
      </p>
    );
  }
  return (
    <p className="waitbox" role="status">
      <Icon name="check" className="tone-allow" />
      <span>
        It is here. <Link href={`/inventory?identity=${identity}`}>See it in the inventory</Link>
      </span>
    </p>
  );
}

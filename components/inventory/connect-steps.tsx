'use client';

import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { type ReactNode, type Ref, useEffect, useRef } from 'react';
import { announce } from '@/components/ui/announce';
import { CodeBlock } from '@/components/ui/code-block';
import { Icon } from '@/components/ui/icon';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { curlCommand, keyPlaceholder } from '@/lib/inventory/connect/first-interaction';
import type { Connect } from '@/lib/inventory/connect/schema';
import type { Snippet, Target } from '@/lib/inventory/connect/snippet';
import { wayOf } from '@/lib/inventory/connect/ways';
import type { Reporter } from '@/lib/inventory/queries';
import { ConnectArrivals } from './connect-arrivals';
import { IdentityForm, KeyShown } from './connect-form';
import { FormTabs, WayList } from './connect-ways';
import { LiveProvider } from './live';

/** Identity, key, telemetry, first interaction: one after the other, on one page, in any of the ways. */
export function ConnectSteps({
  choices,
  connect,
  gatewayUrl,
  grpcUrl,
}: {
  choices: readonly Reporter[];
  /** Null for whoever may not register. */
  connect: Connect | null;
  gatewayUrl: string;
  grpcUrl: string;
}) {
  const params = useSearchParams();
  const way = wayOf(params.get('way'));
  const form = way.forms.find(({ id }) => id === params.get('form')) ?? way.forms[0];
  const kept = useKeptForm(connect ?? keepState, unanswered);
  const { state } = kept;
  const made = state?.ok === true ? state.value : null;
  const keyHeading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (made === null) return;
    // The form that had the focus is gone.
    keyHeading.current?.focus();
    announce('The ingest key is made. It is shown this once.');
  }, [made]);
  const target: Target = {
    gatewayUrl,
    grpcUrl,
    key: made?.ingestKey ?? keyPlaceholder,
    service: made?.name ?? 'my-agent',
  };
  const curl: Snippet = { title: 'curl', code: curlCommand(target) };
  const snippets = form === undefined ? [curl] : form.snippets(target);
  return (
    <div className="split connect">
      <WayList current={way} />
      <div className="body">
        <ol className="connect-steps">
          <Step number={1} title="Identity" isDone={made !== null} isCurrent={made === null}>
            {made === null ? (
              <IdentityForm
                way={way}
                choices={choices}
                form={kept.form}
                isPending={kept.isPending}
                mayRegister={connect !== null}
                problem={state?.ok === false ? state.message : null}
              />
            ) : (
              <p className="t2">
                {made.name} <span className="id">{made.id}</span>
              </p>
            )}
          </Step>
          <Step
            number={2}
            title="Ingest key"
            isDone={made !== null}
            isCurrent={false}
            heading={keyHeading}
          >
            {made === null ? (
              <p className="t2">
                Made with the identity and shown once. It may only write telemetry.
              </p>
            ) : (
              <KeyShown made={made} />
            )}
          </Step>
          <Step number={3} title="Send telemetry" isDone={false} isCurrent={made !== null}>
            <p className="t2">{way.about}</p>
            <FormTabs way={way} current={form?.id ?? ''} />
            {snippets.map(({ title, code }) => (
              <CodeBlock key={title} title={title} code={code} wrap={form === undefined} />
            ))}
            <p className="s12 t3">
              What is sent is kept, redacted or reduced to a digest by the content policy; nothing
              is blocked.
            </p>
          </Step>
          <Step number={4} title="First interaction" isDone={false} isCurrent={false}>
            <LiveProvider>
              <ConnectArrivals made={made} way={way} />
            </LiveProvider>
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
      {form === undefined ? null : (
        <aside className="connect-rail" aria-label="Try it">
          <section className="sec stack">
            <h2>No agent at hand?</h2>
            <p className="t2 s12">Send one interaction yourself.</p>
            <CodeBlock title="curl" code={curl.code} wrap />
          </section>
        </aside>
      )}
    </div>
  );
}

/** The key may have been made all the same. */
const unanswered = 'The console did not answer. Look at the identities before you try again.';

const keepState: Connect = async (last) => last ?? { ok: false, reason: 'refused', message: '' };

function Step({
  number,
  title,
  isDone,
  isCurrent,
  heading,
  children,
}: {
  number: number;
  title: string;
  isDone: boolean;
  isCurrent: boolean;
  heading?: Ref<HTMLHeadingElement>;
  children: ReactNode;
}) {
  return (
    <li className={isDone ? 'done' : undefined} aria-current={isCurrent ? 'step' : undefined}>
      <span className="pip">{isDone ? <Icon name="check" size={12} /> : number}</span>
      <div className="stack">
        <h2 ref={heading} tabIndex={heading === undefined ? undefined : -1}>
          {title}
          {isDone ? <span className="vh">, done</span> : null}
        </h2>
        {children}
      </div>
    </li>
  );
}

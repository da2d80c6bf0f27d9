'use client';

import { type FormEvent, useRef, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Acted } from '@/lib/core/result';
import { contentLabels } from '@/lib/people/organisation/labels';
import {
  contentPolicies,
  isLower,
  type Keeping,
  retentionDaysMax,
  type SettingsAction,
} from '@/lib/people/organisation/schema';
import { clearReason } from './clear-reason';

/** What is kept of content, and for how long. Fewer days remove something, which is said and asked first. */
export function KeepingForm({
  now,
  save,
  preview,
}: {
  /** As it is set. */
  now: Keeping;
  save: SettingsAction;
  /** What goes with so many days, in words. */
  preview: (after: Keeping) => Promise<Acted<string>>;
}) {
  const fields = useRef<HTMLFormElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const confirmed = useRef<HTMLInputElement>(null);
  const [removal, setRemoval] = useState<Acted<string> | null>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const saved = await save(last, data);
    if (saved.ok) clearReason(fields.current);
    return saved;
  });
  const setConfirmed = (value: 'yes' | 'no') => {
    if (confirmed.current !== null) confirmed.current.value = value;
  };
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    const after = keepingOf(new FormData(event.currentTarget));
    if (confirmed.current?.value === 'yes' || !isLower(now, after)) {
      form.onSubmit(event);
      setConfirmed('no');
      return;
    }
    event.preventDefault();
    setRemoval(await preview(after).catch(() => unanswered));
    dialog.current?.showModal();
  };
  const confirm = () => {
    dialog.current?.close();
    setConfirmed('yes');
    fields.current?.requestSubmit();
  };
  return (
    <>
      <form
        action={form.action}
        onSubmit={onSubmit}
        ref={fields}
        className="settings-form"
        aria-label="Content and retention"
      >
        {(['content', 'retentionBodyDays', 'retentionFactsDays'] as const).map((name) => (
          <input key={name} type="hidden" name={`before.${name}`} value={now[name]} />
        ))}
        <input ref={confirmed} type="hidden" name="confirmed" defaultValue="no" />
        <fieldset>
          <legend className="label">What is stored of content that arrives from now on</legend>
          {contentPolicies.map((policy) => (
            <div key={policy} className="settings-choice">
              <input
                id={`content-${policy}`}
                type="radio"
                name="content"
                value={policy}
                defaultChecked={policy === now.content}
                aria-describedby={`content-${policy}-says`}
              />
              <label htmlFor={`content-${policy}`}>{contentLabels[policy].word}</label>
              <p className="says s12 t3" id={`content-${policy}-says`}>
                {contentLabels[policy].says}
              </p>
            </div>
          ))}
        </fieldset>
        <div className="settings-pair">
          <DaysField name="retentionBodyDays" label="Days of content" now={now.retentionBodyDays} />
          <DaysField name="retentionFactsDays" label="Days of facts" now={now.retentionFactsDays} />
        </div>
        <p className="s12 t3">
          Whole days by arrival, in UTC. Content is kept no longer than facts. What was refused goes
          with content.
        </p>
        <ReasonField id="keeping-reason" />
        <Outcome state={state} />
        <div className="foot">
          <Button
            variant="primary"
            type="submit"
            unavailable={isPending ? 'Being saved' : undefined}
          >
            Save
          </Button>
        </div>
      </form>
      <dialog ref={dialog} className="dialog" aria-labelledby="removal-title">
        <header id="removal-title">Keep fewer days?</header>
        <div className="b">
          <p>{removal === null ? '' : removal.ok ? removal.value : removal.message}</p>
        </div>
        <footer>
          <Button onClick={() => dialog.current?.close()}>Keep all days</Button>
          {removal?.ok === true ? (
            <Button variant="danger-solid" onClick={confirm}>
              Keep fewer days
            </Button>
          ) : null}
        </footer>
      </dialog>
    </>
  );
}

const unanswered: Acted<string> = {
  ok: false,
  reason: 'refused',
  message: 'The console did not answer, so it is not known what would go. Try again.',
};

function keepingOf(data: FormData): Keeping {
  const content = contentPolicies.find((policy) => policy === data.get('content'));
  return {
    content: content ?? 'redact',
    retentionBodyDays: Number(data.get('retentionBodyDays')),
    retentionFactsDays: Number(data.get('retentionFactsDays')),
  };
}

function DaysField({ name, label, now }: { name: string; label: string; now: number }) {
  return (
    <Field
      id={name}
      name={name}
      label={label}
      type="number"
      inputMode="numeric"
      min={1}
      max={retentionDaysMax}
      step={1}
      required
      defaultValue={now}
    />
  );
}

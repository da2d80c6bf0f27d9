'use client';

import { type FormEvent, useRef, useState, useTransition } from 'react';
import { clearReason } from '@/components/settings/clear-reason';
import { Button } from '@/components/ui/button';
import { useWithFactor } from '@/components/ui/factor-context';
import { Outcome, Refusal } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import { type Acted, refused } from '@/lib/core/result';
import { rulesIn } from '@/lib/identities/trust/rules-in';
import type { TrustRules } from '@/lib/identities/trust/schema';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { RuleFields, ruleRows, SeenRules } from './rule-fields';

/** What trust is earned by. Who would rise and who would fall is said before it is saved, and whenever it is asked. */
export function RulesForm({
  rules,
  save,
  preview,
}: {
  /** As they are set. */
  rules: TrustRules;
  save: SettingsAction;
  /** What rules come to, in words. */
  preview: (after: TrustRules) => Promise<Acted<string>>;
}) {
  const fields = useRef<HTMLFormElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  const isConfirmed = useRef(false);
  const withFactor = useWithFactor();
  const [told, setTold] = useState<Acted<string> | null>(null);
  const [isCounting, startCounting] = useTransition();
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const saved = await save(last, data);
    setTold(null);
    if (saved.ok) clearReason(fields.current);
    return saved;
  });
  const count = (after: TrustRules, then?: () => void) =>
    startCounting(async () => {
      setTold(await withFactor(() => preview(after)).catch(() => unanswered));
      then?.();
    });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    if (isConfirmed.current) {
      isConfirmed.current = false;
      form.onSubmit(event);
      return;
    }
    event.preventDefault();
    count(rulesIn(new FormData(event.currentTarget)), () => dialog.current?.showModal());
  };
  // A count is of what stood in the form.
  const onChange = ({ target }: FormEvent<HTMLFormElement>) => {
    if (!(target instanceof HTMLInputElement) || target.name !== 'reason') setTold(null);
  };
  const look = () => {
    if (fields.current !== null) count(rulesIn(new FormData(fields.current)));
  };
  const confirm = () => {
    dialog.current?.close();
    isConfirmed.current = true;
    fields.current?.requestSubmit();
  };
  const rows = ruleRows(rules);
  const busy = isPending ? 'Being saved' : isCounting ? 'Being counted' : undefined;
  return (
    <>
      <form
        action={form.action}
        onSubmit={onSubmit}
        onChange={onChange}
        ref={fields}
        className="settings-form"
        aria-label="What trust is earned by"
      >
        <SeenRules rules={rules} />
        <RuleFields level="probation" legend="For Probation" rows={rows.probation} />
        <RuleFields level="trusted" legend="For Trusted, besides" rows={rows.trusted} />
        <ReasonField id="trust-reason" />
        <Outcome state={told ?? state} />
        <div className="foot">
          <Button variant="primary" type="submit" unavailable={busy}>
            Save
          </Button>
          <Button onClick={look} unavailable={busy}>
            Count who would rise or fall
          </Button>
        </div>
      </form>
      <dialog ref={dialog} className="dialog" aria-labelledby="rules-title">
        <header id="rules-title">Set these rules?</header>
        <div className="b">
          <Refusal state={told} />
          {told?.ok === true ? (
            <>
              <p>{told.value}</p>
              <p className="t2 s12">
                The worker applies them within a minute, each move with a version and an entry.
              </p>
            </>
          ) : null}
        </div>
        <footer>
          <Button onClick={() => dialog.current?.close()}>Keep them as they are</Button>
          {told?.ok === true ? (
            <Button variant="primary" onClick={confirm}>
              Set rules
            </Button>
          ) : null}
        </footer>
      </dialog>
    </>
  );
}

const unanswered = refused(
  'refused',
  'The console did not answer, so it is not known who would rise or fall. Try again.',
);

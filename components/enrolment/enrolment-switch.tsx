'use client';

import { useRef } from 'react';
import { clearReason } from '@/components/settings/clear-reason';
import { State } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Outcome } from '@/components/ui/outcome';
import { ReasonField } from '@/components/ui/reason-field';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { SettingsAction } from '@/lib/people/organisation/schema';

/** Whether workloads may ask at all, and the switch. */
export function EnrolmentSwitch({ isOn, act }: { isOn: boolean; act: SettingsAction }) {
  const fields = useRef<HTMLFormElement>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const acted = await act(last, data);
    if (acted.ok) clearReason(fields.current);
    return acted;
  });
  return (
    <form {...form} ref={fields} className="settings-form" aria-labelledby="enrolment-title">
      <p>
        <State tone={isOn ? 'on' : 'off'}>{isOn ? 'On' : 'Off'}</State>{' '}
        <span className="t2">
          {isOn
            ? 'Workloads may ask, with a code or from a listed network.'
            : 'Whoever asks is refused, whatever codes there are.'}
        </span>
      </p>
      <input type="hidden" name="on" value={isOn ? 'no' : 'yes'} />
      <ReasonField id="enrolment-reason" />
      <Outcome state={state} />
      <div className="foot">
        <Button
          variant={isOn ? 'danger' : 'primary'}
          type="submit"
          unavailable={isPending ? 'Under way' : undefined}
        >
          {isOn ? 'Switch enrolment off' : 'Switch enrolment on'}
        </Button>
      </div>
    </form>
  );
}

import { State } from '@/components/ui/badge';
import type { PeopleAction } from '@/lib/people/members/schema';
import { ActForm } from './act-form';

/** Whether what somebody gives waits for a second person. */
export function FourEyes({ isOn, set }: { isOn: boolean; set: PeopleAction | null }) {
  return (
    <section className="sec stack-3" aria-labelledby="four-eyes">
      <div className="row">
        <h2 id="four-eyes">Four eyes</h2>
        <State tone={isOn ? 'on' : 'none'}>{isOn ? 'On' : 'Off'}</State>
      </div>
      <p className="t2 people-prose">
        While on, giving roles, rights or reach, restoring a person, resetting second factors,
        linking to single sign-on and inviting to more than viewing one’s own teams wait until a
        second person confirms, within 24 hours. Taking rights away and removing people never wait,
        but two who may confirm must remain. A break-glass account is not bound by it.
      </p>
      {set === null ? null : (
        <ActForm
          id="four-eyes"
          action={set}
          fields={{ isOn: isOn ? 'no' : 'yes' }}
          button={isOn ? 'Ask to switch off' : 'Switch on'}
          busy="Being switched"
        >
          <p className="s12 t2">
            {isOn
              ? 'Switching it off is itself a change that a second person confirms.'
              : 'It needs two people who may confirm: administrators or approvers who have a second factor.'}
          </p>
        </ActForm>
      )}
    </section>
  );
}

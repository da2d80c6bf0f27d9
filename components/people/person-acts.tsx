import type { ReactNode } from 'react';
import { Field } from '@/components/ui/field';
import { Icon } from '@/components/ui/icon';
import { counted } from '@/lib/inventory/labels';
import { visibleText } from '@/lib/inventory/visible';
import type { Member } from '@/lib/people/members/schema';
import { ActForm } from './act-form';
import type { PersonActions } from './person-panel';

/** What is done rarely and stops something: each says what, before it is pressed. */
export function PersonActs({
  member,
  signIns,
  owns,
  actions,
}: {
  member: Member;
  signIns: number;
  owns: number;
  actions: PersonActions;
}) {
  const name = visibleText(member.name);
  const fields = { personId: member.id };
  const isBreakGlass = member.state === 'break_glass';
  return (
    <section className="sec people-acts" aria-label="Further acts">
      {member.state === 'removed' ? (
        <Act title="Restore this person">
          <ActForm
            id="restore"
            action={actions.restore}
            fields={fields}
            button="Restore"
            busy="Being restored"
          >
            <p className="s12 t2">Lets {name} sign in again, with the rights of before.</p>
          </ActForm>
        </Act>
      ) : (
        <>
          {actions.linkSso === null || member.hasOrganisationSignIn || isBreakGlass ? null : (
            <Act title="Link single sign-on">
              <ActForm
                id="link-sso"
                action={actions.linkSso}
                fields={fields}
                button="Link"
                busy="Being linked"
              >
                <p className="s12 t2">
                  {name} then comes in by it, with the roles that the groups give. The subject
                  stands in the audit where it was refused.
                </p>
                <Field
                  id="sso-subject"
                  name="subject"
                  label="Subject at the issuer"
                  maxLength={255}
                  autoComplete="off"
                  spellCheck={false}
                  required
                />
              </ActForm>
            </Act>
          )}
          <Act title="Reset access">
            <ActForm
              id="reset"
              action={actions.reset}
              fields={fields}
              button="Reset access"
              busy="Being reset"
              look="danger"
              placeholder="Lost the phone"
            >
              <p className="s12 t2">
                Takes away every passkey, code, recovery code and the password of {name}, and ends{' '}
                {counted(signIns, 'open sign-in')}. You get a link by which {name} chooses a new
                password, once; a link of before opens nothing any more. Whoever comes by single
                sign-on gets none. The next sign-in asks to enrol anew. Make sure that it is {name}{' '}
                who asks.
              </p>
            </ActForm>
          </Act>
          {member.roles.includes('admin') ? (
            <Act title={isBreakGlass ? 'End break-glass' : 'Keep for an emergency'}>
              <ActForm
                id="break-glass"
                action={actions.setBreakGlass}
                fields={{ ...fields, isBreakGlass: isBreakGlass ? 'no' : 'yes' }}
                button={
                  isBreakGlass ? 'Make it an ordinary account' : 'Make it a break-glass account'
                }
                busy="Being marked"
              >
                <p className="s12 t2">
                  {isBreakGlass
                    ? 'It is bound by four eyes again, and counts among the administrators that must remain.'
                    : 'Four eyes will not bind it; every use of it is told to every administrator and shown on every page. There are two at most.'}
                </p>
              </ActForm>
            </Act>
          ) : null}
          <Act title="Remove this person">
            <ActForm
              id="remove"
              action={actions.remove}
              fields={fields}
              button="Remove"
              busy="Being removed"
              look="danger"
              placeholder="Left the company"
            >
              <p className="s12 t2">
                Shuts {name} out at once: ends {counted(signIns, 'open sign-in')} and leaves{' '}
                {counted(owns, 'identity', 'identities')} without an owner.
              </p>
            </ActForm>
          </Act>
        </>
      )}
    </section>
  );
}

function Act({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details>
      <summary>
        <Icon name="right" size={12} />
        {title}
      </summary>
      {children}
    </details>
  );
}

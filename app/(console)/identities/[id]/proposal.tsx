import { AccessFacts } from '@/components/identities/access-facts';
import type { IdentityAction } from '@/components/identities/action-results';
import { AcceptForm } from '@/components/identities/decide-proposal';
import type { IdentityChoices } from '@/components/identities/identity-fields';
import { LifecycleDialog } from '@/components/identities/lifecycle-dialog';
import { Callout } from '@/components/ui/callout';
import type { Expectable } from '@/lib/identities/expected/queries';
import type { IdentityDetail } from '@/lib/identities/registry/schema';

/** What a proposed identity asks for, and the answer of whoever may give it. */
export function Proposal({
  identity,
  expected,
  answer,
}: {
  identity: IdentityDetail;
  /** The resources that it is expected to act on. */
  expected: readonly Expectable[];
  answer: { accept: IdentityAction; refuse: IdentityAction; choices: IdentityChoices } | null;
}) {
  return (
    <section className="sec stack-3" aria-labelledby="proposal">
      <h2 id="proposal">It asks to be registered</h2>
      <p className="t2">
        With what stands beside and this. Whoever accepts it says who answers for it; nothing was
        issued until then.
      </p>
      {identity.actsFor === 'all' ? (
        <Callout tone="review">It asks to act for everybody, whoever that is at the time.</Callout>
      ) : null}
      {identity.reportsFor === 'all' ? (
        <Callout tone="review">
          It asks to report for every identity: what it says that another did counts as that one’s.
        </Callout>
      ) : null}
      <AccessFacts identity={identity} expected={expected} />
      {answer === null ? (
        <p className="t3">An administrator accepts or refuses it.</p>
      ) : (
        <>
          <AcceptForm
            identity={identity.id}
            revision={identity.revision}
            proposed={{
              owner: identity.owner?.id ?? '',
              sponsor: identity.sponsor?.id ?? '',
              team: identity.team?.id ?? '',
              zone: identity.zone?.id ?? '',
            }}
            choices={answer.choices}
            accept={answer.accept}
          />
          <p>
            <LifecycleDialog
              identity={identity}
              word="Refuse"
              keep="Leave it waiting"
              act={answer.refuse}
            >
              Its name is free for another. It may be proposed again.
            </LifecycleDialog>
          </p>
        </>
      )}
    </section>
  );
}

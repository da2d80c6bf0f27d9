import { ContentRights } from '@/components/people/content-rights';
import { CreateTeam } from '@/components/people/create-team';
import { FourEyes } from '@/components/people/four-eyes';
import { ProposalList } from '@/components/people/proposal-list';
import { RuleTable } from '@/components/people/rule-table';
import { TeamPanel } from '@/components/people/team-panel';
import { TeamTable } from '@/components/people/team-table';
import { peopleHref } from '@/lib/people/members/address';
import { listAssignable } from '@/lib/people/members/queries';
import { can } from '@/lib/people/permissions';
import type { OpenProposal } from '@/lib/people/proposals/queries';
import { listTeamNames, listTeams } from '@/lib/people/teams/queries';
import {
  addTeam,
  confirm,
  refuse,
  removeTeam,
  saveTeam,
  setFourEyes,
  setTeamMember,
  withdraw,
} from './actions';
import type { PartProps } from './people-part';

const proposalActions = { confirm, refuse, withdraw };
const teamActions = { removeTeam, saveTeam, setTeamMember };

/** What waits for a second person. */
export async function WaitingPart({
  signedIn: { scope, person },
  now,
  proposals,
}: PartProps & { proposals: readonly OpenProposal[] }) {
  return (
    <ProposalList
      proposals={proposals}
      teams={await listTeamNames(scope)}
      reader={person.id}
      mayConfirm={can(person, 'rights.confirm')}
      actions={proposalActions}
      now={now}
    />
  );
}

/** Teams, and the panel of one beside them. */
export async function TeamsPart({ signedIn: { scope }, view, now, mayWrite }: PartProps) {
  const [teams, people] = await Promise.all([listTeams(scope), listAssignable(scope)]);
  const chosen = teams.find(({ id }) => id === view.team) ?? null;
  return (
    <div className={chosen === null ? 'split fit' : 'split fit has-panel'}>
      <div className="body">
        {mayWrite ? <CreateTeam create={addTeam} /> : null}
        <TeamTable
          teams={teams}
          chosen={view.team}
          hrefOf={(team) => peopleHref({ tab: 'teams', team })}
          now={now}
        />
      </div>
      {chosen === null ? null : (
        <TeamPanel
          key={chosen.id}
          team={chosen}
          people={people}
          actions={mayWrite ? teamActions : null}
          href={peopleHref({ tab: 'teams', team: chosen.id })}
          closeHref={peopleHref({ tab: 'teams' })}
        />
      )}
    </div>
  );
}

/** What each role may, what is apart from roles, and whether giving waits. */
export function RolesPart({ isFourEyes, mayWrite }: { isFourEyes: boolean; mayWrite: boolean }) {
  return (
    <>
      <FourEyes isOn={isFourEyes} set={mayWrite ? setFourEyes : null} />
      <ContentRights />
      <RuleTable />
    </>
  );
}

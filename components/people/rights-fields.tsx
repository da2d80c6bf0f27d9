import { SelectField } from '@/components/ui/field';
import { contentLabels, reachLabels, roleLabels } from '@/lib/people/labels';
import type { GivenRights } from '@/lib/people/rights/schema';
import { Rights, roles } from '@/lib/people/schema';

export type Choice = { id: string; name: string };

/** The fields of what a person may, as they are. */
export function RightsFields({
  id,
  rights,
  teams,
}: {
  /** Unique on the page. */
  id: string;
  rights: GivenRights;
  teams: readonly Choice[];
}) {
  return (
    <>
      <fieldset className="stack">
        <legend className="label">Roles</legend>
        {roles.map((role) => (
          <label key={role} className="check people-check">
            <input
              type="checkbox"
              name="roles"
              value={role}
              defaultChecked={rights.roles.includes(role)}
            />
            <span>
              {roleLabels[role].word} <span className="t3 s12">{roleLabels[role].sentence}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="people-pairs">
        <SelectField
          id={`${id}-reach`}
          name="reach"
          label="Sees activity of"
          defaultValue={rights.reach}
        >
          <option value="all">{reachLabels.all}</option>
          <option value="teams">{reachLabels.teams}</option>
        </SelectField>
        <SelectField
          id={`${id}-read`}
          name="contentRead"
          label="Reads content"
          defaultValue={rights.contentRead}
        >
          <ContentOptions />
        </SelectField>
        <SelectField
          id={`${id}-export`}
          name="contentExport"
          label="Exports content"
          defaultValue={rights.contentExport}
        >
          <ContentOptions />
        </SelectField>
      </div>
      {teams.length === 0 ? null : (
        <fieldset className="stack people-teams">
          <legend className="label">Teams</legend>
          {teams.map((team) => (
            <label key={team.id} className="check people-check">
              <input
                type="checkbox"
                name="teams"
                value={team.id}
                defaultChecked={rights.teams.includes(team.id)}
              />
              <span>{team.name}</span>
            </label>
          ))}
        </fieldset>
      )}
    </>
  );
}

function ContentOptions() {
  return Rights.options.map((value) => (
    <option key={value} value={value}>
      {contentLabels[value]}
    </option>
  ));
}

import Link from 'next/link';
import { SelectField } from '@/components/ui/field';
import { visibleText } from '@/lib/inventory/visible';

/** `says`: what tells two of one name apart. */
export type Choice = { id: string; name: string; says?: string };
export type Places = { teams: readonly Choice[]; zones: readonly Choice[] };

/** Where whoever asks is meant to go; whoever accepts it may choose otherwise. */
export function PlaceFields({
  id,
  places: { teams, zones },
  team = '',
  zone = '',
}: {
  id: string;
  places: Places;
  team?: string;
  zone?: string;
}) {
  return (
    <>
      <Choose id={`${id}-team`} name="team" label="Team" choices={teams} first={team} />
      <Choose id={`${id}-zone`} name="zone" label="Zone" choices={zones} first={zone} />
    </>
  );
}

export function Choose({
  id,
  name,
  label,
  choices,
  first = '',
  help,
}: {
  id: string;
  name: string;
  label: string;
  choices: readonly Choice[];
  first?: string;
  help?: string;
}) {
  return (
    <SelectField id={id} name={name} label={label} required defaultValue={first} help={help}>
      <option value="">Choose</option>
      {choices.map((choice) => (
        <option key={choice.id} value={choice.id}>
          {visibleText(choice.name)}
          {choice.says === undefined ? '' : `, ${choice.says}`}
        </option>
      ))}
    </SelectField>
  );
}

/** What has to be there first; null when all is. */
export function LackingPlaces({ places: { teams, zones } }: { places: Places }) {
  if (teams.length > 0 && zones.length > 0) return null;
  return (
    <p className="t2 s12">
      {teams.length === 0 ? (
        <>
          There is no team yet: <Link href="/people?tab=teams">make one</Link>.{' '}
        </>
      ) : null}
      {zones.length === 0 ? (
        <>
          There is no zone yet: <Link href="/zones">make one</Link>.
        </>
      ) : null}
    </p>
  );
}

import { z } from 'zod';
import { Role } from '../schema';
import { type MemberState, memberStates } from './schema';

export const peopleTabs = ['people', 'waiting', 'teams', 'roles'] as const;
export type PeopleTab = (typeof peopleTabs)[number];

/** What the address of the page says. */
export type PeopleView = {
  tab: PeopleTab;
  role: Role | null;
  state: MemberState | null;
  /** Whose people are shown; of the teams, whose panel is open. */
  team: string | null;
  /** Whose panel is open. */
  person: string | null;
  /** An invitation whose panel is open, or `new` for the form of one. */
  invitation: string | null;
  /** One sentence per parameter that was not understood. */
  problems: string[];
};

const readers = {
  tab: z.enum(peopleTabs),
  role: Role,
  state: z.enum(memberStates),
  team: z.guid(),
  person: z.guid(),
  invitation: z.literal('new').or(z.guid()),
} as const;
type Parameter = keyof typeof readers;

const expected: Record<Parameter, string> = {
  tab: peopleTabs.join(', '),
  role: Role.options.join(', '),
  state: memberStates.join(', '),
  team: 'the id of a team',
  person: 'the id of a person',
  invitation: 'new, or the id of an invitation',
};

/** Reads an address. Never throws: what is not understood becomes a sentence. */
export function parsePeopleView(params: Record<string, string | string[] | undefined>): PeopleView {
  const problems: string[] = [];
  for (const name of Object.keys(params)) {
    if (!Object.hasOwn(readers, name) && !name.startsWith('_'))
      problems.push(`The address names “${name.slice(0, 60)}”, which this page does not know.`);
  }
  const read = <Name extends Parameter>(name: Name): z.output<(typeof readers)[Name]> | null => {
    const value = [params[name] ?? []].flat()[0] ?? '';
    if (value === '') return null;
    const parsed = readers[name].safeParse(value);
    // The schema is the one of this very name.
    if (parsed.success) return parsed.data as z.output<(typeof readers)[Name]>;
    problems.push(`${name}=${value.slice(0, 60)} is not known. It is one of: ${expected[name]}.`);
    return null;
  };
  return {
    tab: read('tab') ?? 'people',
    role: read('role'),
    state: read('state'),
    team: read('team'),
    person: read('person'),
    invitation: read('invitation'),
    problems,
  };
}

/** The address of a view; what is usual is left out. */
export function peopleHref({
  tab = 'people',
  role = null,
  state = null,
  team = null,
  person = null,
  invitation = null,
}: Partial<PeopleView> = {}): string {
  const search = new URLSearchParams();
  if (tab !== 'people') search.set('tab', tab);
  const isPeople = tab === 'people';
  if (isPeople && role !== null) search.set('role', role);
  if (isPeople && state !== null) search.set('state', state);
  if ((isPeople || tab === 'teams') && team !== null) search.set('team', team);
  if (isPeople && person !== null) search.set('person', person);
  if (isPeople && invitation !== null) search.set('invitation', invitation);
  const text = search.toString();
  return text === '' ? '/people' : `/people?${text}`;
}

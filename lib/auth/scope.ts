import { type PersonActor, type Who, whoOf } from '@/lib/people/actor';
import type { Person, Rights, Role } from '@/lib/people/schema';

declare const minted: unique symbol;

/** Of all identities, or of those in these teams; with none, of nobody. */
export type Reach = 'all' | readonly string[];

/**
 * The right to read as one signed-in person. Reads take it as an argument; only this folder makes it, so
 * a read that nobody authorized does not compile.
 */
export type ReadScope = {
  readonly person: string;
  /** As the log tells of what is read, where reading is on record. */
  readonly who: Who;
  readonly roles: readonly Role[];
  /** Whose activity is seen. */
  readonly sees: Reach;
  /** Whose content may be opened and searched, and whose may be taken out; never more than is seen. */
  readonly content: { readonly read: Reach; readonly export: Reach };
  readonly [minted]: true;
};

/** Who acts, as mutations record it. */
export type Ctx = { readonly actor: PersonActor };

/** `facts` are those of the sign-in it is minted for; without them the log tells of the person alone. */
export function mintScope(person: Person, facts: SignedInFacts | null = null): ReadScope {
  const { id, roles, reach, contentRead, contentExport } = person;
  const sees = reachOf(person, reach);
  const within = (rights: Rights) => (rights === 'all' ? sees : reachOf(person, rights));
  // The brand exists only for the compiler.
  return Object.freeze({
    person: id,
    who: Object.freeze(facts === null ? { by: `person:${id}` } : whoOf(ctxOf(person, facts).actor)),
    roles: Object.freeze([...roles]),
    sees,
    content: Object.freeze({ read: within(contentRead), export: within(contentExport) }),
  }) as unknown as ReadScope;
}

const reachOf = ({ teams }: Person, rights: Rights): Reach => {
  if (rights === 'all') return 'all';
  return Object.freeze(rights === 'teams' ? [...teams] : []);
};

/** Whether it reaches an identity of this team; activity of nobody's team is reached by `all` alone. */
export const reaches = (reach: Reach, team: string | null): boolean =>
  reach === 'all' || (team !== null && reach.includes(team));

/** All that a scope allows, whoever has it, as text: two with the same may be answered alike. */
export const rightsOf = ({ roles, sees, content }: ReadScope): string => {
  const sorted = (reach: readonly string[] | 'all') =>
    reach === 'all' ? reach : [...reach].sort();
  return JSON.stringify([roles, sees, content.read, content.export].map(sorted));
};

export type SignedInFacts = Pick<PersonActor, 'signIn' | 'address' | 'isFresh' | 'isRecovered'>;

const actorOf = ({ id, roles }: Person, facts: SignedInFacts): PersonActor => ({
  kind: 'person',
  id,
  roles,
  ...facts,
});

export const ctxOf = (person: Person, facts: SignedInFacts): Ctx => ({
  actor: actorOf(person, facts),
});

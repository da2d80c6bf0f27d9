import { type Role, roles } from '@/lib/people/schema';
import type { Installation } from './e2e';
import { addPerson, openCookie } from './sign-in-as';

export type Somebody = {
  name: string;
  roles: readonly Role[];
  /** `none` is not signed in, `waiting` has shown a password, `stale` a second factor an hour ago. */
  state: 'none' | 'waiting' | 'stale' | 'fresh';
  content: 'none' | 'all';
};

/** Nobody, whoever has not shown enough, and every role with and without content. */
export const everybody: Somebody[] = [
  { name: 'nobody', roles: [], state: 'none', content: 'none' },
  {
    name: 'an administrator before the second factor',
    roles: ['admin'],
    state: 'waiting',
    content: 'all',
  },
  { name: 'an administrator after an hour', roles: ['admin'], state: 'stale', content: 'all' },
  ...[[], ...roles.map((role) => [role])].flatMap((having): Somebody[] =>
    (['none', 'all'] as const).map((content) => ({
      name: `${having[0] ?? 'somebody without a role'}, content ${content}`,
      roles: having,
      state: 'fresh',
      content,
    })),
  ),
];

const factorAt = { waiting: null, stale: new Date(Date.now() - 3_600_000), fresh: new Date() };

/** A cookie of a sign-in of their own, since some acts end it. */
export async function cookieOf(installation: Installation, who: Somebody): Promise<string> {
  if (who.state === 'none') return '';
  const person = await personOf(installation, who);
  const { name, value } = await openCookie(installation, person, { factorAt: factorAt[who.state] });
  return `${name}=${value}`;
}

const made = new Map<string, { id: string }>();
async function personOf(installation: Installation, { name, content, ...who }: Somebody) {
  const known = made.get(name);
  if (known !== undefined) return known;
  const rights = { contentRead: content, contentExport: content };
  const person = await addPerson(installation, { name, roles: who.roles, ...rights });
  made.set(name, person);
  return person;
}

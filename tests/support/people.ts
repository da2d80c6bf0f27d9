import { ctxOf, mintScope } from '@/lib/auth/scope';
import type { PersonActor } from '@/lib/people/actor';
import type { Person } from '@/lib/people/schema';

/** A person of a test's own: an administrator with every right, but for what is said otherwise. */
export const personOf = (over: Partial<Person> = {}): Person => ({
  id: 'p',
  email: 'p@example.com',
  name: 'P',
  roles: ['admin'],
  teams: [],
  reach: 'all',
  contentRead: 'all',
  contentExport: 'all',
  ...over,
});

/** Without a role and without a right. */
export const nobodyOf = (over: Partial<Person> = {}): Person =>
  personOf({ roles: [], contentRead: 'none', contentExport: 'none', ...over });

export const scopeOf = (over: Partial<Person> = {}) => mintScope(personOf(over));

/** As after signing in just now. */
export const actorOf = (
  over: Partial<Person> = {},
  facts: { isFresh?: boolean } = {},
): PersonActor =>
  ctxOf(personOf(over), { signIn: 's', address: '192.0.2.1', isFresh: true, ...facts }).actor;

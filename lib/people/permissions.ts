import { AppError } from '@/lib/core/errors';
import type { Actor, MachineActor } from './actor';
import type { ApiScope } from './api-keys/schema';
import { type Role, roles } from './schema';

type Rule = {
  /** For people: completes "May …". */
  readonly may: string;
  readonly roles: readonly Role[];
  /** Dangerous: asks for a second factor shown within the last minutes. */
  readonly needsFreshFactor?: true;
};

/**
 * What each role may do: the only such table. Mutations and pages ask it, the page on roles shows it, and the README's
 * table is held to it by a test. Reading content is apart from it: rights that are given to a person, whatever the role.
 */
export const permissions = {
  'console.read': { may: 'see activity, figures, coverage and health', roles },
  'account.write': {
    may: "change one's own factors, password and webhook",
    roles,
    needsFreshFactor: true,
  },
  'facts.export': {
    may: 'export the facts of a view',
    roles: ['analyst', 'policy_author', 'approver', 'admin'],
  },
  'shadow.decide': {
    may: 'take an unregistered actor off the list of those that wait, and put it back',
    roles: ['analyst', 'admin'],
  },
  'findings.decide': {
    may: 'say that agents act for somebody without a second factor shown is expected, and take that back',
    roles: ['analyst', 'admin'],
  },
  'audit.read': {
    may: 'read who did what, and export it',
    roles: ['analyst', 'approver', 'admin'],
  },
  'people.read': {
    may: 'see who signs in, with which roles and rights, and whom agents act for',
    roles: ['analyst', 'approver', 'admin'],
  },
  'rights.confirm': {
    may: 'confirm or refuse a change of rights that somebody else asked for',
    roles: ['approver', 'admin'],
    needsFreshFactor: true,
  },
  'people.write': {
    may: 'invite people, change roles, rights and teams, end sign-ins, remove people',
    roles: ['admin'],
    needsFreshFactor: true,
  },
  'registry.write': {
    may: 'register and change identities, resources, zones and whose proofs are believed, issue credentials',
    roles: ['admin'],
    needsFreshFactor: true,
  },
  'resources.approve': {
    may: 'approve and reject what tools and MCP servers say they are',
    roles: ['approver', 'admin'],
    needsFreshFactor: true,
  },
  'registry.stop': {
    may: 'suspend identities and revoke credentials',
    roles: ['analyst', 'approver', 'admin'],
  },
  'registry.propose': {
    may: 'propose identities and resources, which wait for a person',
    roles: ['analyst', 'policy_author', 'admin'],
  },
  'api_keys.write': {
    may: 'make, rotate and revoke API keys',
    roles: ['admin'],
    needsFreshFactor: true,
  },
  'settings.write': {
    may: 'change the settings of the organisation',
    roles: ['admin'],
    needsFreshFactor: true,
  },
  'prices.write': { may: 'say what a model costs', roles: ['admin'] },
  'deliveries.write': {
    may: 'see what was sent to whom, try again and test, set webhooks of teams',
    roles: ['admin'],
    needsFreshFactor: true,
  },
  'quarantine.replay': { may: 'replay what was refused', roles: ['admin'] },
  'entry.erase': {
    may: 'erase an entry or its content',
    roles: ['admin'],
    needsFreshFactor: true,
  },
} as const satisfies Record<string, Rule>;

export type Permission = keyof typeof permissions;

const ruleOf = (permission: Permission): Rule => permissions[permission];

export const needsFreshFactor = (permission: Permission): boolean =>
  ruleOf(permission).needsFreshFactor === true;

/** Whether one of these roles may, a fresh factor aside: what a page shows or leaves out. */
export const can = (who: { readonly roles: readonly Role[] }, permission: Permission): boolean =>
  who.roles.some((role) => ruleOf(permission).roles.includes(role));

/**
 * INVARIANT: the first line of every mutation. Throws `forbidden`, or `factor_needed` when all that is missing is a
 * fresh second factor. Whoever runs the command line beside the database may do all that it offers.
 */
export function authorize(actor: Actor, permission: Permission): void {
  if (actor.kind === 'operator') return;
  if (actor.kind === 'machine') {
    if (mayMachine(actor, permission)) return;
    throw new AppError('forbidden', 'No API key may do this: it takes a person.');
  }
  if (!can(actor, permission)) throw new AppError('forbidden', refusalOf(permission));
  const isFresh = actor.isFresh || (permission === 'account.write' && actor.isRecovered === true);
  if (needsFreshFactor(permission) && !isFresh)
    throw new AppError('factor_needed', 'Show your second factor again to do this.');
}

/** What a scope of an API key lets do. Nothing that needs a fresh second factor: a machine has none. */
const machinesMay: Partial<Record<Permission, ApiScope>> = {
  'registry.propose': 'registry:write',
  'registry.stop': 'registry:write',
};

const mayMachine = ({ scopes }: MachineActor, permission: Permission): boolean => {
  const scope = machinesMay[permission];
  return scope !== undefined && scopes.includes(scope) && !needsFreshFactor(permission);
};

/** The same for a read, of whoever has this scope: a factor shown a while ago is enough to look. */
export function authorizeRead(
  scope: { readonly roles: readonly Role[] },
  permission: Permission,
): void {
  if (!can(scope, permission)) throw new AppError('forbidden', refusalOf(permission));
}

const roleNames: Record<Role, string> = {
  viewer: 'a viewer',
  analyst: 'an analyst',
  policy_author: 'a policy author',
  approver: 'an approver',
  admin: 'an administrator',
};

/** Which role has it, so that whoever is refused knows whom to ask. */
export function refusalOf(permission: Permission): string {
  const { may, roles: having } = ruleOf(permission);
  const named = having.map((role) => roleNames[role]);
  const last = named.pop() ?? 'nobody';
  const who = named.length === 0 ? last : `${named.join(', ')} or ${last}`;
  return `Only ${who} may ${may}.`;
}

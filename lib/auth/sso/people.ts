import { createHash } from 'node:crypto';
import { newId } from '@/lib/core/ids';
import { logEvent } from '@/lib/core/log';
import type { Transaction } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { hasAdministrator } from '@/lib/people/members/lock-out';
import { lockRows } from '@/lib/people/members/queries';
import { tellUnowned } from '@/lib/people/members/tell-unowned';
import { type Role, rolesOf } from '@/lib/people/schema';
import type { SsoPerson } from './claims';
import type { SsoRefusal } from './refusals';
import { peopleSso, type SsoSettings } from './settings';

type Admitting = { person: SsoPerson; settings: SsoSettings; now: Date };

/** `why` is for the log; several of them are one `reason` to whoever is refused. */
export type Admitted =
  | { ok: true; person: string }
  | { ok: false; person: string | null; why: string; reason: SsoRefusal };

const no = (
  why: string,
  { person = null, reason = 'refused' }: { person?: string | null; reason?: SsoRefusal } = {},
): Admitted => ({ ok: false, person, why, reason });

/**
 * Who that is here, by issuer and subject; an e-mail address never says it. Roles become what the groups say. Whoever
 * is new is made with them and no right to content; whoever has no group left is refused and keeps no role.
 */
export async function admitPerson(tx: Transaction, admitting: Admitting): Promise<Admitted> {
  const { person, settings } = admitting;
  if ((await tx.setting.count()) === 0) return no('not_set_up', { reason: 'not_set_up' });
  const found = await tx.person.findUnique({
    where: { issuer_subject: { issuer: settings.issuer, subject: person.subject } },
    select: { id: true },
  });
  if (found === null) return createPerson(tx, admitting);
  // INVARIANT: before the roles are read, as whoever changes rights by hand does: nothing that is changed at once is
  // overwritten, and of two administrators who lose the role at once the second is found to be the last.
  await lockRows(tx, found.id);
  const known = await tx.person.findUniqueOrThrow({
    where: { id: found.id },
    select: {
      id: true,
      email: true,
      name: true,
      roles: true,
      passwordHash: true,
      disabledAt: true,
      isBreakGlass: true,
    },
  });
  if (known.disabledAt !== null) return no('disabled', { person: known.id });
  // It is for the day on which the issuer is what fails: nothing the issuer says may reach it.
  if (known.isBreakGlass) return no('break_glass', { person: known.id });
  await mapRoles(tx, { id: known.id, name: known.name, before: rolesOf(known.roles) }, admitting);
  if (person.roles.length === 0) return no('no_mapped_group', { person: known.id });
  // With a password the address is what that person signs in by: the issuer does not change it.
  if (known.passwordHash === null) await describePerson(tx, known, admitting);
  return { ok: true, person: known.id };
}

async function createPerson(
  tx: Transaction,
  { person, settings, now }: Admitting,
): Promise<Admitted> {
  const { subject, name, roles } = person;
  const { issuer } = settings;
  if (roles.length === 0) return no('no_mapped_group');
  const email = person.email ?? unverifiedAddress(issuer, subject);
  if ((await tx.person.count({ where: { email } })) > 0)
    return no('email_taken', { reason: 'unlinked' });
  const id = newId(now.getTime());
  await tx.person.create({
    data: { id, email, name, roles, issuer, subject, reach: 'all', createdAt: now },
    select: { id: true },
  });
  await recordControl(tx, 'person_created', { person: id, roles, by: 'sso', issuer, subject });
  return { ok: true, person: id };
}

/** Stands where an address must: nobody's, never sent to (RFC 2606), and it says so. */
function unverifiedAddress(issuer: string, subject: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');
  return `${hash.slice(0, 20)}@unverified.invalid`;
}

async function mapRoles(
  tx: Transaction,
  { id, name, before }: { id: string; name: string; before: Role[] },
  { person, settings, now }: Admitting,
): Promise<void> {
  const losesAdmin = before.includes('admin') && !person.roles.includes('admin');
  const isKept = losesAdmin && !(await hasAdministrator(tx, peopleSso(settings), { besides: id }));
  const after = rolesOf(isKept ? [...person.roles, 'admin'] : person.roles);
  if (isKept) logEvent('last_administrator_kept', { person: id, groups_say: person.roles });
  if (!isKept && before.join() === after.join()) return;
  await tx.person.update({ where: { id }, data: { roles: after }, select: { id: true } });
  if (after.length === 0) await tellUnowned(tx, { id, name }, now);
  await recordControl(tx, 'roles_mapped', {
    person: id,
    by: 'sso',
    before: { roles: before },
    after: { roles: after },
    ...(isKept
      ? { reason: 'The groups give no role of administrator, but nobody else could administer.' }
      : {}),
  });
}

/** Name and address as the issuer tells them now, unless the address is somebody else's here. */
async function describePerson(
  tx: Transaction,
  known: { id: string; email: string; name: string },
  { person }: Admitting,
): Promise<void> {
  const { name } = person;
  const asked = person.email ?? known.email;
  const isTaken = asked !== known.email && (await tx.person.count({ where: { email: asked } })) > 0;
  const email = isTaken ? known.email : asked;
  if (email === known.email && name === known.name) return;
  await tx.person.update({
    where: { id: known.id },
    data: { email, name },
    select: { id: true },
  });
  await recordControl(tx, 'profile_mapped', {
    person: known.id,
    by: 'sso',
    before: { email: known.email, name: known.name },
    after: { email, name },
  });
}

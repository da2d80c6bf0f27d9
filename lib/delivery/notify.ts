import { type Config, config, consoleUrl } from '@/lib/core/config';
import { AppError } from '@/lib/core/errors';
import { newId } from '@/lib/core/ids';
import { type KeyEncryptionKey, keyEncryptionKey } from '@/lib/core/secrets';
import type { Transaction } from '@/lib/db/prisma';
import { composeMail, composeWebhook, linkOf } from './compose';
import { type Address, type Channel, NewMail, NewNotice, type ParsedNotice } from './schema';
import { deliveryAssociated, sealText } from './seal';

/** Whether this installation sends e-mail. The console knows it by whom e-mail comes from, and knows no more. */
export const hasMail = ({ SMTP_FROM }: Config): boolean => SMTP_FROM !== undefined;

type Told = { id: string; email: string; webhook: { id: string; url: string } | null };

/**
 * Tells people of something that happened, in the transaction in which it does: one notice each, however often they are
 * addressed, and a delivery for each of their channels; a team's webhook is told where the team is addressed. Nobody who
 * is disabled is told. Throws on what is no notice. Returns how many people were told. It comes before the control entry,
 * which holds its shard's row until commit.
 */
export async function notify(
  tx: Transaction,
  notice: NewNotice,
  settings: Config = config(),
): Promise<number> {
  const parsed = NewNotice.parse(notice);
  const addresses = Array.isArray(parsed.to) ? parsed.to : [parsed.to];
  const people = new Map<string, Told>();
  for (const address of addresses)
    for (const person of await listAddressed(tx, address)) people.set(person.id, person);
  const told = [...people.values()];
  const { kind, subject, facts, at } = parsed;
  await tx.notice.createMany({
    data: told.map(({ id: personId }) => ({
      id: newId(at.getTime()),
      personId,
      kind,
      subject,
      facts: JSON.stringify(facts),
      link: linkOf(parsed),
      createdAt: at,
    })),
  });
  const deliveries = told.flatMap((person) => deliveriesTo(person, parsed, settings));
  // That a webhook fails is not told by webhook: two that fail would tell of each other for ever.
  const teams = kind === 'webhook_failing' ? [] : teamsAmong(addresses);
  for (const team of await listTeamWebhooks(tx, teams))
    deliveries.push(webhookDelivery(parsed, team, { team: team.teamId }, settings));
  await tx.delivery.createMany({ data: deliveries });
  return told.length;
}

/** Puts what tells one team's webhook, and nobody else, into the outbox; for the test button. */
export async function notifyWebhook(
  tx: Transaction,
  notice: Omit<NewNotice, 'to'>,
  team: { teamId: string; id: string; url: string },
  settings: Config = config(),
): Promise<void> {
  const parsed = NewNotice.parse({ ...notice, to: { team: team.teamId } });
  await tx.delivery.createMany({
    data: [webhookDelivery(parsed, team, { team: team.teamId }, settings)],
  });
}

/**
 * Puts an e-mail to an address without a person into the outbox: an invitation. What it says is sealed until it was sent
 * and is gone after that, since it may hold a link that opens something. False where this installation sends no e-mail.
 */
export async function mail(
  tx: Transaction,
  message: NewMail,
  { kek, settings = config() }: { kek?: KeyEncryptionKey; settings?: Config } = {},
): Promise<boolean> {
  const { success, data, error } = NewMail.safeParse(message);
  if (!success) throw new AppError('invalid_input', error.issues[0]?.message ?? 'No such e-mail.');
  if (!hasMail(settings)) return false;
  const { to, subject, text, at } = data;
  const row = deliveryRow({ channel: 'email', kind: 'mail', subject, at }, to);
  const sealed = await sealText(tx, kek ?? keyEncryptionKey(), JSON.stringify({ subject, text }), {
    associated: deliveryAssociated(row.id),
    now: at,
  });
  await tx.delivery.create({ data: { ...row, ...sealed }, select: { id: true } });
  return true;
}

function deliveriesTo(person: Told, notice: ParsedNotice, settings: Config) {
  const rows: ReturnType<typeof webhookDelivery>[] = [];
  if (hasMail(settings))
    rows.push({
      ...deliveryRow({ ...notice, channel: 'email' }, person.email),
      personId: person.id,
      payload: JSON.stringify(composeMail(notice, consoleUrl(settings))),
    });
  if (person.webhook !== null && notice.kind !== 'webhook_failing')
    rows.push({
      ...webhookDelivery(notice, person.webhook, { person: person.id }, settings),
      personId: person.id,
    });
  return rows;
}

const webhookDelivery = (
  notice: ParsedNotice,
  { id, url }: { id: string; url: string },
  to: { person: string } | { team: string },
  settings: Config,
): ReturnType<typeof deliveryRow> & { webhookId?: string; personId?: string; payload: string } => ({
  ...deliveryRow({ ...notice, channel: 'webhook' }, new URL(url).host),
  webhookId: id,
  payload: composeWebhook(notice, to, consoleUrl(settings)),
});

const deliveryRow = (
  { channel, kind, subject, at }: { channel: Channel; kind: string; subject: string; at: Date },
  target: string,
) => ({
  id: newId(at.getTime()),
  channel,
  kind,
  subject,
  target,
  state: 'waiting',
  dueAt: at,
  createdAt: at,
});

const toldSelect = {
  id: true,
  email: true,
  webhook: { select: { id: true, url: true } },
} as const;

async function listAddressed(tx: Transaction, address: Address): Promise<Told[]> {
  const who = await whereOf(tx, address);
  const enabled = await tx.person.findMany({
    where: { ...who, disabledAt: null },
    select: toldSelect,
    orderBy: { id: 'asc' },
  });
  if (enabled.length > 0 || !('ownerOf' in address)) return enabled;
  return listAddressed(tx, { role: 'admin' });
}

async function whereOf(tx: Transaction, address: Address) {
  if ('person' in address) return { id: address.person };
  if ('role' in address) return { roles: { has: address.role } };
  if ('team' in address) return { teams: { some: { teamId: address.team } } };
  const identity = await tx.identity.findUnique({
    where: { id: address.ownerOf },
    select: { ownerId: true },
  });
  return { id: { in: [identity?.ownerId ?? []].flat() } };
}

const teamsAmong = (addresses: readonly Address[]): string[] => [
  ...new Set(addresses.flatMap((address) => ('team' in address ? [address.team] : []))),
];

async function listTeamWebhooks(tx: Transaction, teams: string[]) {
  if (teams.length === 0) return [];
  const found = await tx.webhook.findMany({
    where: { teamId: { in: teams } },
    select: { id: true, url: true, teamId: true },
  });
  return found.flatMap(({ teamId, ...webhook }) => (teamId === null ? [] : { ...webhook, teamId }));
}

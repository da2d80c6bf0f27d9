import { randomBytes } from 'node:crypto';
import { config, consoleUrl } from '@/lib/core/config';
import { newId } from '@/lib/core/ids';
import { secretHash } from '@/lib/core/secrets';
import type { Prisma, Transaction } from '@/lib/db/prisma';
import { mail } from '@/lib/delivery/notify';
import type { PeopleCtx } from '../ctx';
import { invitationLivesMs } from './schema';

/** The link is shown here and never again; the SHA-256 of its code is stored. `isMailed`: it is on its way by e-mail too. */
export type MadeLink = {
  id: string;
  code: string;
  link: string;
  expiresAt: Date;
  isMailed: boolean;
};

/** `hello` and `does` are the two sentences before the link: what happened, and what the link is for. */
type Words = { subject: string; hello: string; does: string; unexpected: string };
type Row = Omit<
  Prisma.InvitationUncheckedCreateInput,
  'id' | 'hash' | 'createdAt' | 'expiresAt' | 'usedAt' | 'revokedAt'
>;

/** Makes a link that works once, and mails it where this installation sends e-mail. */
export async function makeLink(
  tx: Transaction,
  { now, ...sending }: Pick<PeopleCtx, 'now' | 'kek' | 'settings'>,
  row: Row,
  words: Words,
): Promise<MadeLink> {
  const code = `slp_inv_${randomBytes(32).toString('base64url')}`;
  const made = {
    id: newId(now.getTime()),
    code,
    // After the number sign, so that it is never sent to a server with the address and reaches no log.
    link: `${consoleUrl(sending.settings ?? config())}/invitation#${code}`,
    expiresAt: new Date(now.getTime() + invitationLivesMs),
  };
  await tx.invitation.create({
    data: {
      ...row,
      id: made.id,
      hash: new Uint8Array(secretHash(code)),
      createdAt: now,
      expiresAt: made.expiresAt,
    },
    select: { id: true },
  });
  const text = [
    words.hello,
    `${words.does} It works once, for this e-mail only:`,
    made.link,
    `It ends on ${made.expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC. ${words.unexpected}`,
  ].join('\n\n');
  const message = { to: row.email, subject: words.subject, text, at: now };
  return { ...made, isMailed: await mail(tx, message, sending) };
}

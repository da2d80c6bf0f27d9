import { z } from 'zod';
import type { ReadScope } from '@/lib/auth/scope';
import { pool, type Queryable } from '@/lib/db/pool';
import { authorizeRead } from '../permissions';
import type { GivenRights } from '../rights/schema';
import { Rights, Role } from '../schema';
import { type ProposalKind, Proposed } from './schema';

export type OpenProposal = {
  id: string;
  kind: ProposalKind;
  subject: { id: string; name: string } | null;
  askedBy: { id: string; name: string };
  reason: string;
  askedAt: Date;
  expiresAt: Date;
  /** Rights as they were when it was asked; null where there are none, as of whom is not here yet. */
  before: GivenRights | null;
  /** Null where it cannot be read, and so not be confirmed. */
  proposed: z.output<typeof Proposed> | null;
};

const proposalsMax = 100;

/** Read back from what `factsOf` wrote. */
const Before = z
  .object({
    roles: z.array(Role),
    reach: z.enum(['teams', 'all']),
    content_read: Rights,
    content_export: Rights,
    teams: z.array(z.guid()),
  })
  .transform(({ content_read, content_export, ...rights }) => ({
    ...rights,
    contentRead: content_read,
    contentExport: content_export,
  }));

/** What waits for a second person, the oldest first. */
export async function listOpenProposals(
  scope: ReadScope,
  now: Date,
  db: Queryable = pool(),
): Promise<OpenProposal[]> {
  authorizeRead(scope, 'people.read');
  const { rows } = await db.query<
    Omit<OpenProposal, 'subject' | 'askedBy' | 'before' | 'proposed'> & {
      before: unknown;
      change: unknown;
      subject_id: string | null;
      subject_name: string | null;
      asker_id: string;
      asker_name: string;
    }
  >(
    `SELECT o.id, o.kind, o.reason, o.before, o.change, o.asked_at AS "askedAt", o.expires_at AS "expiresAt",
       s.id AS subject_id, s.name AS subject_name, a.id AS asker_id, a.name AS asker_name
     FROM proposal o JOIN person a ON a.id = o.asked_by LEFT JOIN person s ON s.id = o.subject_id
     WHERE o.state = 'open' AND o.expires_at > $1 ORDER BY o.asked_at, o.id LIMIT ${proposalsMax}`,
    [now],
  );
  return rows.map(({ change, subject_id, subject_name, asker_id, asker_name, ...row }) => ({
    ...row,
    subject: subject_id === null ? null : { id: subject_id, name: subject_name ?? '' },
    askedBy: { id: asker_id, name: asker_name },
    before: Before.safeParse(row.before).data ?? null,
    proposed: Proposed.safeParse({ kind: row.kind, change }).data ?? null,
  }));
}

/** Whether rights that somebody gives wait for a second person. */
export async function hasFourEyes(_scope: ReadScope, db: Queryable = pool()): Promise<boolean> {
  const { rows } = await db.query<{ on: boolean }>('SELECT four_eyes AS on FROM setting');
  return rows[0]?.on === true;
}

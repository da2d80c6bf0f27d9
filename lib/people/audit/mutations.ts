import type { Ctx, ReadScope } from '@/lib/auth/scope';
import type { PrismaClient } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '../actor';
import { authorize } from '../permissions';
import type { AuditFilter, AuditRange } from './address';
import { refuseUnlessAuditor } from './queries';
import type { AuditFormat } from './schema';

export type AuditExport = {
  filter: AuditFilter;
  range: AuditRange;
  format: AuditFormat;
  /** Nothing that was written at this time or later is in it. */
  until: Date;
};

export type AuditExportCtx = Ctx & {
  readonly scope: ReadScope;
  readonly db: PrismaClient;
  readonly now: Date;
};

/** That the audit leaves, with which filter, is in it before a byte does. */
export async function startAuditExport(
  { actor, scope, db, now }: AuditExportCtx,
  { filter, range, format }: Omit<AuditExport, 'until'>,
): Promise<AuditExport> {
  authorize(actor, 'audit.read');
  refuseUnlessAuditor(scope);
  await recordControl(db, 'audit_exported', {
    ...whoOf(actor),
    filter: {
      ...filter,
      from: range.from?.toISOString() ?? null,
      to: range.to?.toISOString() ?? null,
    },
    format,
    until: now.toISOString(),
  });
  return { filter, range, format, until: now };
}

/**
 * `done`: to its last entry. `cut`: reading on took too long. `cancelled`: whoever took it left, or may not have it any
 * more.
 */
export type AuditExportEnd = { state: 'done' | 'cut' | 'failed' | 'cancelled'; rows: number };

/** How it ended, and after how many entries; told of whoever started it, whatever they may by now. */
export async function finishAuditExport(
  { actor, db }: Pick<AuditExportCtx, 'actor' | 'db'>,
  { format, until }: AuditExport,
  { state, rows }: AuditExportEnd,
): Promise<void> {
  await recordControl(db, 'audit_export_finished', {
    ...whoOf(actor),
    format,
    until: until.toISOString(),
    state,
    rows,
  });
}

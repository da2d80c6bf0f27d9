import type { Ctx } from '@/lib/auth/scope';
import type { PrismaClient } from '@/lib/db/prisma';
import { recordControl } from '@/lib/log/record-control';
import { whoOf } from '../actor';
import { authorize } from '../permissions';
import type { AuditFilter, AuditRange } from './address';
import type { AuditFormat } from './schema';

export type AuditExport = {
  filter: AuditFilter;
  range: AuditRange;
  format: AuditFormat;
  /** Nothing that was written at this time or later is in it. */
  until: Date;
};

export type AuditExportCtx = Ctx & { readonly db: PrismaClient; readonly now: Date };

/** That the audit leaves, with which filter, is in it before a byte does. */
export async function startAuditExport(
  { actor, db, now }: AuditExportCtx,
  { filter, range, format }: Omit<AuditExport, 'until'>,
): Promise<AuditExport> {
  authorize(actor, 'audit.read');
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

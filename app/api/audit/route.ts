import { rightsOf } from '@/lib/auth/scope';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { createSeats } from '@/lib/core/seats';
import { prisma } from '@/lib/db/prisma';
import { auditParams, parseAuditView } from '@/lib/people/audit/address';
import {
  type AuditExportEnd,
  finishAuditExport,
  startAuditExport,
} from '@/lib/people/audit/mutations';
import { refuseUnlessAuditor } from '@/lib/people/audit/queries';
import { runAuditExport } from '@/lib/people/audit/run';
import { type AuditFormat, auditFormats } from '@/lib/people/audit/schema';
import { answerStream } from '../live/answer';

const contentTypes: Record<AuditFormat, string> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
};

const seats = createSeats({
  // Fewer than there are connections for exports, so that those of activity go on.
  max: 3,
  perOwnerMax: 2,
  ownSays: 'You export the audit twice already. Wait for one to end.',
  allSays: 'Too many people export just now. Try later.',
});

/** The audit of one filter as a file. That it leaves is in the audit before its first byte. */
export const GET = (request: Request) =>
  answerStream(request, async ({ ctx, scope, person, again }) => {
    // Before anything that was asked for is looked at.
    refuseUnlessAuditor(scope);
    const search = new URL(request.url).searchParams;
    const format = auditFormats.find((each) => each === search.get('format'));
    if (format === undefined)
      throw new AppError('invalid_input', `The format is ${auditFormats.join(' or ')}.`);
    // Pages and panels are places in a view, not part of what it holds.
    for (const place of ['format', 'before', 'after', 'entry']) search.delete(place);
    const now = systemClock();
    const { filter, range, problems } = parseAuditView(auditParams(search), now);
    // A filter with a slip would export more than was meant.
    if (problems[0] !== undefined) throw new AppError('invalid_input', problems[0]);
    const giveBack = seats.take(person.id);
    try {
      const exporting = { actor: ctx.actor, scope, db: prisma(), now };
      const started = await startAuditExport(exporting, { filter, range, format });
      const isAllowed = async () => {
        const still = await again();
        return (
          still !== null &&
          still.person.id === person.id &&
          rightsOf(still.scope) === rightsOf(scope)
        );
      };
      const onEnd = (end: AuditExportEnd) => {
        giveBack();
        return finishAuditExport(exporting, started, end);
      };
      const at = now.toISOString().slice(0, 19).replace(/[-:]/g, '');
      return new Response(runAuditExport(started, { scope, isAllowed, onEnd }), {
        headers: {
          'content-type': contentTypes[format],
          'content-disposition': `attachment; filename="sallyport-audit-${at}Z.${format}"`,
          'cache-control': 'no-store, no-transform',
        },
      });
    } catch (error) {
      giveBack();
      throw error;
    }
  });

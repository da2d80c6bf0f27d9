import { rightsOf } from '@/lib/auth/scope';
import { systemClock } from '@/lib/core/clock';
import { AppError } from '@/lib/core/errors';
import { takeExport } from '@/lib/inventory/export/mutations';
import { runExport } from '@/lib/inventory/export/run';
import type { ExportFormat } from '@/lib/inventory/export/schema';
import { answerStream } from '../../live/answer';

const contentTypes: Record<ExportFormat, string> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
};

/** The file of one export: for who asked for it, once, within a minute. It runs as it is downloaded. */
export const GET = (request: Request, { params }: { params: Promise<{ id: string }> }) =>
  answerStream(request, async ({ ctx, scope, person, again }) => {
    const { id } = await params;
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new AppError('not_found', 'You have no such export.');
    const taken = await takeExport({ actor: ctx.actor, scope, now: systemClock() }, id);
    const isAllowed = async () => {
      const still = await again();
      return still?.person.id === person.id && rightsOf(still.scope) === rightsOf(scope);
    };
    const at = taken.exported.until.toISOString().slice(0, 19).replace(/[-:]/g, '');
    return new Response(runExport(taken, { scope, isAllowed }), {
      headers: {
        'content-type': contentTypes[taken.format],
        'content-disposition': `attachment; filename="sallyport-${at}Z.${taken.format}"`,
        // Nor compressed: what is counted is what is sent.
        'cache-control': 'no-store, no-transform',
      },
    });
  });

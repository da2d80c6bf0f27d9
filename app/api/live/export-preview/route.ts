import { systemClock } from '@/lib/core/clock';
import { previewExport } from '@/lib/inventory/export/queries';
import { answer } from '../answer';

/** What an export of this view would hold, before anybody asks for it. */
export const GET = (request: Request) =>
  answer(request, ({ scope }) =>
    previewExport(scope, new URL(request.url).searchParams.toString(), systemClock()),
  );

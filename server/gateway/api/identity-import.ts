import { z } from 'zod';
import { importIdentities, previewImport } from '@/lib/identities/import/mutations';
import { importBytesMax, importLinesMax, importVerdicts } from '@/lib/identities/import/schema';
import { Reason } from '@/lib/people/reason';
import { upload } from './route';

const mediaTypes = ['text/csv', 'application/json'] as const;

export const identityImport = upload({
  method: 'POST',
  path: '/identities/import',
  id: 'importIdentities',
  summary: `Proposes the identities of a file, 5 MB and ${importLinesMax.toLocaleString('en')} lines at most; a dry run says line by line what it would come to`,
  needs: 'registry:write',
  perMinute: 6,
  query: z.strictObject({
    dry_run: z
      .enum(['true', 'false'])
      .default('true')
      .describe('Unless it is false nothing is written'),
    judged: z
      .string()
      .length(64)
      .optional()
      .describe(
        'Of the dry run: where the file comes to something else by now, nothing is written',
      ),
    reason: Reason.optional().describe('Needed where it is no dry run'),
  }),
  file: { mediaTypes, bytesMax: importBytesMax },
  answer: z.object({
    digest: z.string().describe('SHA-256 of the file'),
    judged: z.string().describe('Of what the lines come to; give it when you import'),
    counts: z.record(z.enum(importVerdicts), z.number().int()),
    lines: z.array(
      z.object({
        line: z.number().int(),
        name: z.string().nullable(),
        verdict: z.enum(importVerdicts),
        because: z.array(z.string()),
        changes: z.array(z.string()),
        resembles: z.string().nullable().describe('Another name that it may be taken for'),
      }),
    ),
  }),
  handle({ acting }, { dry_run, reason, judged }, { mediaType, bytes }) {
    const file = { format: mediaType === 'text/csv' ? 'csv' : 'json', bytes } as const;
    return dry_run === 'true'
      ? previewImport(acting, file)
      : importIdentities(acting, {
          ...{ ...file, reason: reason ?? '' },
          ...(judged === undefined ? {} : { seen: { judged } }),
        });
  },
});

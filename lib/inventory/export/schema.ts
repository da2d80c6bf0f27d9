import { z } from 'zod';
import type { Acted } from '@/lib/core/result';

export const exportFormats = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportStates = [
  'queued',
  'running',
  'done',
  'failed',
  'cancelled',
  'expired',
] as const;
export type ExportState = (typeof exportStates)[number];

/** A ticket that is not used within this is worthless. */
export const freshMs = 60_000;
/** A download moves its row every second; after this the process that ran it is gone. */
export const silentMs = 30_000;

/** What an export is asked for with; `search` is the address of the view, without its question mark. */
export const RequestExport = z.object({
  search: z.string().max(16_384),
  format: z.enum(exportFormats),
  withContent: z.boolean(),
});
export type RequestExport = z.infer<typeof RequestExport>;

/** How far an export is. */
export const ExportProgress = z.object({
  id: z.guid(),
  format: z.enum(exportFormats),
  withContent: z.boolean(),
  state: z.enum(exportStates),
  rowsDone: z.number().int().min(0),
  /** Null where counting them all would have taken too long. */
  rowsEstimated: z.number().int().min(0).nullable(),
  bytes: z.number().int().min(0),
  /** Since its download began; null before. */
  elapsedMs: z.number().nullable(),
});
export type ExportProgress = z.infer<typeof ExportProgress>;

/** What the dialog says before anything is asked for: how many would leave, and by which filter in words. */
export const ExportPreview = z.object({
  terms: z.array(z.string()),
  /** Null where counting them all would take too long. */
  total: z.number().int().min(0).nullable(),
});
export type ExportPreview = z.infer<typeof ExportPreview>;

export type ExportRequested = Acted<{ id: string }>;
/** The server actions behind the export dialog. */
export type AskExport = (input: RequestExport) => Promise<ExportRequested>;
export type ExportStopped = Acted<null>;
export type StopExport = (id: string) => Promise<ExportStopped>;

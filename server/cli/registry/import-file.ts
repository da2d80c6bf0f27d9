import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AppError } from '@/lib/core/errors';
import { importIdentities, previewImport } from '@/lib/identities/import/mutations';
import type { ImportReport } from '@/lib/identities/import/schema';
import { visibleText } from '@/lib/inventory/visible';
import { asOperator } from '../operator';
import { UsageError } from '../usage';

const linesShown = 200;

/** `identities import FILE`: what each line comes to. Ends with 1 where a line is wrong, whatever became of the rest. */
export async function importFile(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      'dry-run': { type: 'boolean', default: false },
      judged: { type: 'string' },
      reason: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0)
    throw new UsageError('Which file? `identities import FILE` takes one, .csv or .json.');
  const format = formatOf(path);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new AppError('not_found', `${path} cannot be read.`, { cause: error });
  });
  const report = await asOperator((operator) => {
    const ctx = { ...operator, now: new Date() };
    const { judged } = values;
    const reason = values.reason ?? 'Registered from a file at the command line.';
    return values['dry-run']
      ? previewImport(ctx, { format, bytes })
      : importIdentities(ctx, {
          ...{ format, bytes, reason },
          ...(judged === undefined ? {} : { seen: { judged } }),
        });
  });
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else process.stdout.write(textOf(report, values['dry-run']));
  if (report.counts.wrong > 0) process.exitCode = 1;
}

function formatOf(path: string): 'csv' | 'json' {
  if (/\.csv$/i.test(path)) return 'csv';
  if (/\.json$/i.test(path)) return 'json';
  throw new UsageError('A file to import ends in .csv or .json.');
}

/** Names and values are those of the file, which may come from anywhere: none commands a terminal. */
function textOf({ lines, counts, judged }: ImportReport, isDryRun: boolean): string {
  const told = lines.filter(({ verdict, resembles }) => verdict === 'wrong' || resembles !== null);
  const shown = told.slice(0, linesShown).map(({ line, name, because, resembles }) => {
    const what = [...because, ...(resembles === null ? [] : [`It looks like ${resembles}.`])];
    const whose = name === null ? '' : `, ${visibleText(name)}`;
    return `  line ${line}${whose}: ${visibleText(what.join(' '))}\n`;
  });
  const rest = told.length - shown.length;
  return [
    ...shown,
    ...(rest > 0 ? [`  and ${rest} more; --json tells all\n`] : []),
    `${counts.made} ${isDryRun ? 'would be registered' : 'registered'}, ${counts.changed} changed, ${counts.unchanged} as they are, ${counts.wrong} wrong.\n`,
    isDryRun ? `To import just this and nothing else, say --judged ${judged}\n` : '',
  ].join('');
}

'use client';

import { useQuery } from '@tanstack/react-query';
import { useRef, useState, useTransition } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { SelectField } from '@/components/ui/field';
import {
  type AskExport,
  type ExportFormat,
  ExportPreview,
  type StopExport,
} from '@/lib/inventory/export/schema';
import { countText } from '@/lib/inventory/labels';
import { ExportRun, useProgress } from './export-run';
import { LiveProvider, readLive } from './live';
import { Visible } from './visible';

type Props = {
  /** The address of the view, without its question mark. */
  search: string;
  mayExportContent: boolean;
  ask: AskExport;
  stop: StopExport;
};

/** Takes what is filtered out of the console: how many and by which words first, then how far it is. */
export function ExportButton(props: Props) {
  return (
    <LiveProvider>
      <ExportDialog {...props} />
    </LiveProvider>
  );
}

function ExportDialog({ search, mayExportContent, ask, stop }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [job, setJob] = useState<string | null>(null);
  const progress = useProgress(job);
  const isRunning = progress?.state === 'running' || progress?.state === 'queued';
  const open = () => {
    setIsOpen(true);
    if (!isRunning) setJob(null);
    dialog.current?.showModal();
  };
  return (
    <>
      <Button onClick={open}>{isRunning ? 'Exporting' : 'Export'}</Button>
      <dialog
        ref={dialog}
        className="dialog"
        aria-labelledby="export-title"
        onClose={() => setIsOpen(false)}
        onKeyDown={(event) => event.stopPropagation()}
      >
        <header id="export-title">Export interactions</header>
        {isOpen && job === null ? (
          <ExportForm
            search={search}
            mayExportContent={mayExportContent}
            ask={ask}
            asked={setJob}
            close={() => dialog.current?.close()}
          />
        ) : null}
        {job === null ? null : (
          <ExportRun
            key={job}
            progress={progress}
            stop={stop}
            close={() => dialog.current?.close()}
          />
        )}
      </dialog>
    </>
  );
}

function ExportForm({
  search,
  mayExportContent,
  ask,
  asked,
  close,
}: Omit<Props, 'stop'> & { asked: (job: string) => void; close: () => void }) {
  const [format, setFormat] = useState<ExportFormat>('ndjson');
  const [withContent, setWithContent] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isAsking, startAsking] = useTransition();
  const { data, error } = useQuery({
    queryKey: ['export-preview', search],
    queryFn: ({ signal }) => readLive(ExportPreview, `/api/live/export-preview?${search}`, signal),
    retry: false,
    gcTime: 0,
  });
  const start = () =>
    startAsking(async () => {
      const answer = await ask({ search, format, withContent });
      if (!answer.ok) return setProblem(answer.message);
      asked(answer.value.id);
      download(`/api/exports/${answer.value.id}`);
    });
  const empty = data?.total?.count === 0 ? 'Nothing matches, so there is nothing to export' : null;
  const failure = problem ?? (error === null ? null : error.message);
  return (
    <>
      <div className="b">
        <div aria-live="polite">
          <p>
            <b>{countWords(data)}</b>, as of now, in order of arrival.
          </p>
          <ul className="export-terms s12">
            {data?.terms.map((term) => (
              <li key={term}>
                <Visible text={term} oneLine />
              </li>
            ))}
          </ul>
        </div>
        <SelectField
          id="export-format"
          label="Format"
          value={format}
          onChange={(event) => setFormat(event.target.value === 'csv' ? 'csv' : 'ndjson')}
        >
          <option value="ndjson">NDJSON, one object a line, exactly as kept</option>
          <option value="csv">CSV, safe to open in a spreadsheet</option>
        </SelectField>
        <div>
          <label className="check">
            <input
              type="checkbox"
              checked={withContent}
              aria-disabled={!mayExportContent}
              aria-describedby="export-content-why"
              onChange={(event) => setWithContent(mayExportContent && event.target.checked)}
            />
            With content: inputs, outputs, instructions, errors
          </label>
          <p className="t3 s12" id="export-content-why">
            {mayExportContent
              ? 'Facts, sizes and digests are always in it. That you took content is on record.'
              : 'Your role does not export content. An administrator does. Facts, sizes and digests are in it.'}
          </p>
        </div>
        {failure === null ? null : (
          <Callout tone="critical" live>
            {failure}
          </Callout>
        )}
      </div>
      <footer>
        <Button onClick={close}>Close</Button>
        <Button
          variant="primary"
          onClick={start}
          unavailable={isAsking ? 'Starting' : (empty ?? undefined)}
        >
          Export
        </Button>
      </footer>
    </>
  );
}

function countWords(preview: ExportPreview | undefined): string {
  if (preview === undefined) return 'Counting';
  if (preview.total === null) return 'More interactions than are counted at once';
  return `${countText(preview.total)} interactions`;
}

/** As a link that is followed: the browser shows it among its downloads, and no page is left. */
function download(href: string) {
  const link = document.createElement('a');
  link.href = href;
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}

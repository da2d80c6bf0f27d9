'use client';

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState, useTransition } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { useWithFactor } from '@/components/ui/factor-context';
import { SelectField } from '@/components/ui/field';
import {
  type AskExport,
  type ExportFormat,
  ExportPreview,
  type StopExport,
} from '@/lib/inventory/export/schema';
import { thousands } from '@/lib/inventory/labels';
import { ExportRun, goesOn, useExports } from './export-run';
import { LiveProvider, readLive } from './live';
import { LiveFailure } from './live-failure';
import { Visible } from './visible';

type Asking = {
  /** The address of the view, without its question mark. */
  search: string;
  /** Whose content may be taken out. */
  content: 'none' | 'teams' | 'all';
  ask: AskExport;
};
type Props = Asking & {
  /** Why nothing may be exported; null for whoever may. */
  refusal: string | null;
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

function ExportDialog({ search, content, refusal, ask, stop }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [job, setJob] = useState<string | null>(null);
  const { data: exports = [], error, refetch } = useExports(isOpen || job !== null);
  const current = exports.find(({ id }) => id === job);
  const others = exports.filter((each) => each.id !== job && goesOn(each));
  const isRunning = job !== null && (current === undefined || goesOn(current));
  const open = () => {
    setIsOpen(true);
    if (!isRunning) setJob(null);
    dialog.current?.showModal();
  };
  const asked = (id: string) => {
    setJob(id);
    void refetch();
  };
  const shown = `${job} ${isRunning} ${others.length}`;
  useEffect(() => {
    // What had the focus may be gone with what was shown before.
    const isLost = shown !== '' && dialog.current?.contains(document.activeElement) === false;
    if (isOpen && isLost) title.current?.focus();
  }, [isOpen, shown]);
  const close = () => dialog.current?.close();
  const rest = (
    <>
      {error === null ? null : (
        <LiveFailure
          what="How far your exports are could not be read."
          error={error}
          retry={() => void refetch()}
        />
      )}
      {others.length === 0 ? null : (
        <section className="stack" aria-labelledby="export-others">
          <h3 id="export-others">Your other exports</h3>
          {others.map((each) => (
            <ExportRun key={each.id} progress={each} stop={stop} />
          ))}
        </section>
      )}
    </>
  );
  return (
    <>
      <Button onClick={open} unavailable={refusal ?? undefined}>
        {isRunning ? 'Exporting' : 'Export'}
      </Button>
      <dialog
        ref={dialog}
        className="dialog"
        aria-labelledby="export-title"
        onClose={() => setIsOpen(false)}
        onKeyDown={(event) => event.stopPropagation()}
      >
        <header id="export-title" ref={title} tabIndex={-1}>
          Export interactions
        </header>
        {isOpen && job === null ? (
          <ExportForm search={search} content={content} ask={ask} asked={asked} close={close}>
            {rest}
          </ExportForm>
        ) : null}
        {job === null ? null : (
          <>
            <div className="b">
              {current === undefined ? (
                <p role="status">Starting.</p>
              ) : (
                <ExportRun key={job} progress={current} stop={stop} />
              )}
              {rest}
            </div>
            <footer>
              <Button onClick={close}>Close</Button>
            </footer>
          </>
        )}
      </dialog>
    </>
  );
}

function ExportForm({
  search,
  content,
  ask,
  asked,
  close,
  children,
}: Asking & {
  asked: (job: string) => void;
  close: () => void;
  children: ReactNode;
}) {
  const [format, setFormat] = useState<ExportFormat>('ndjson');
  const [withContent, setWithContent] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isAsking, startAsking] = useTransition();
  const withFactor = useWithFactor();
  const { data, error, refetch } = useQuery({
    queryKey: ['export-preview', search],
    queryFn: ({ signal }) => readLive(ExportPreview, `/api/live/export-preview?${search}`, signal),
    retry: false,
    gcTime: 0,
  });
  const start = () =>
    startAsking(async () => {
      setProblem(null);
      const answer = await withFactor(() => ask({ search, format, withContent })).catch(() => null);
      if (answer?.ok !== true)
        return setProblem(answer?.message ?? 'The console did not answer. Try again.');
      asked(answer.value.id);
      download(`/api/exports/${answer.value.id}`);
    });
  return (
    <>
      <div className="b">
        <div aria-live="polite">
          {error !== null ? null : (
            <p>
              {data === undefined ? (
                'Counting'
              ) : (
                <>
                  <b>{countWords(data)}</b>, as of now, in order of arrival.
                </>
              )}
            </p>
          )}
          <ul className="export-terms s12">
            {data?.terms.map((term) => (
              <li key={term}>
                <Visible text={term} oneLine />
              </li>
            ))}
          </ul>
        </div>
        {error === null ? null : (
          <LiveFailure what="This cannot be exported." error={error} retry={() => void refetch()} />
        )}
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
              aria-disabled={content === 'none'}
              aria-describedby="export-content-why"
              onChange={(event) => setWithContent(content !== 'none' && event.target.checked)}
            />
            With content: inputs, outputs, instructions, errors
          </label>
          <p className="t3 s12" id="export-content-why">
            {contentWords[content]}
          </p>
        </div>
        {problem === null ? null : (
          <Callout tone="critical" live>
            {problem}
          </Callout>
        )}
        {children}
      </div>
      <footer>
        <Button onClick={close}>Close</Button>
        <Button
          variant="primary"
          onClick={start}
          unavailable={isAsking ? 'Starting' : whyNot(data, error)}
        >
          Export
        </Button>
      </footer>
    </>
  );
}

const contentWords: Record<Asking['content'], string> = {
  none: 'You have no right to export content. An administrator can give it. Facts, sizes and digests are in it.',
  teams:
    'Content of your teams’ identities is in it, and of all others sizes and digests alone. Content asks for a fresh second factor, and that you took it is on record.',
  all: 'Facts, sizes and digests are always in it. Content asks for a fresh second factor, and that you took it is on record.',
};

function whyNot(preview: ExportPreview | undefined, error: Error | null): string | undefined {
  if (error !== null) return 'What would be exported is not known';
  if (preview === undefined) return 'Counting what would be exported';
  return preview.total === 0 ? 'Nothing matches, so there is nothing to export' : undefined;
}

function countWords({ total }: ExportPreview): string {
  if (total === null) return 'More interactions than are counted at once';
  return `${thousands(total)} ${total === 1 ? 'interaction' : 'interactions'}`;
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

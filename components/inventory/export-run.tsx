'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { ExportProgress, type ExportState, type StopExport } from '@/lib/inventory/export/schema';
import { thousands } from '@/lib/inventory/labels';
import { duration } from '@/lib/inventory/time';
import { readLive } from './live';

const everyMs = 1000;
const goesOn = (state: ExportState | undefined) => state === 'queued' || state === 'running';

/** How far an export is, asked every second until it ends. */
export function useProgress(job: string | null): ExportProgress | undefined {
  const { data } = useQuery({
    queryKey: ['export', job],
    queryFn: ({ signal }) => readLive(ExportProgress, `/api/live/export?id=${job}`, signal),
    enabled: job !== null,
    refetchInterval: ({ state }) =>
      state.data === undefined || goesOn(state.data.state) ? everyMs : false,
  });
  return job === null ? undefined : data;
}

export function ExportRun({
  progress,
  stop,
  close,
}: {
  progress: ExportProgress | undefined;
  stop: StopExport;
  close: () => void;
}) {
  const [isStopping, setIsStopping] = useState(false);
  const askStop = () => {
    if (progress === undefined) return;
    setIsStopping(true);
    void stop(progress.id);
  };
  const total = progress?.rowsEstimated ?? null;
  const done = progress?.rowsDone ?? 0;
  const isRunning = goesOn(progress?.state ?? 'queued');
  return (
    <>
      <div className="b">
        <p role="status">{words(progress)}</p>
        {total === null && isRunning ? (
          <progress className="export-bar" aria-label="Export" />
        ) : (
          <progress
            className="export-bar"
            aria-label="Export"
            max={Math.max(total ?? done, done, 1)}
            value={progress?.state === 'done' ? Math.max(total ?? done, done, 1) : done}
          />
        )}
        <p className="t3 s12">
          {thousands(done)} {total === null ? 'rows' : `of ${thousands(total)} rows`},{' '}
          {size(progress?.bytes ?? 0)}
          {progress === undefined || !isRunning ? '' : left(progress)}
        </p>
        {isRunning ? (
          <p className="t3 s12">
            It runs as your browser downloads it. You may close this; leaving the page does not end
            it.
          </p>
        ) : null}
      </div>
      <footer>
        {isRunning ? (
          <Button onClick={askStop} unavailable={isStopping ? 'Stopping' : undefined}>
            {isStopping ? 'Stopping' : 'Stop'}
          </Button>
        ) : null}
        <Button onClick={close}>Close</Button>
      </footer>
    </>
  );
}

const sentences: Record<ExportState, string> = {
  queued: 'Waiting for the browser to download it.',
  running: 'Exporting.',
  done: 'Exported. The file is among your downloads.',
  failed: 'The export failed; the file is cut short. What was sent is on record.',
  cancelled: 'Stopped; the file is cut short. What was sent is on record.',
  expired: 'The browser did not download it within a minute. Ask again.',
};

const words = (progress: ExportProgress | undefined): string =>
  sentences[progress?.state ?? 'queued'];

function left({ rowsDone, rowsEstimated, elapsedMs }: ExportProgress): string {
  if (rowsEstimated === null || elapsedMs === null || rowsDone === 0) return '';
  const rest = Math.max(rowsEstimated - rowsDone, 0);
  return `, ${duration((elapsedMs / rowsDone) * rest)} left`;
}

const size = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { ExportProgress, type ExportState, type StopExport } from '@/lib/inventory/export/schema';
import { thousands } from '@/lib/inventory/labels';
import { duration } from '@/lib/inventory/time';
import { readLive } from './live';

const everyMs = 1000;

export const goesOn = ({ state }: ExportProgress): boolean =>
  state === 'queued' || state === 'running';

/** How far one's own exports are, asked every second for as long as one goes on. */
export function useExports(isAsked: boolean) {
  return useQuery({
    queryKey: ['exports'],
    queryFn: ({ signal }) => readLive(z.array(ExportProgress), '/api/live/exports', signal),
    enabled: isAsked,
    refetchInterval: ({ state }) => (state.data?.some(goesOn) ? everyMs : false),
  });
}

/** One export: how far it is, and how to stop it. */
export function ExportRun({ progress, stop }: { progress: ExportProgress; stop: StopExport }) {
  const { state, rowsEstimated: total, rowsDone: done, bytes } = progress;
  const isRunning = goesOn(progress);
  const max = Math.max(total ?? done, done, 1);
  return (
    <>
      <p role="status">{sentences[state]}</p>
      {total === null && isRunning ? (
        <progress className="export-bar" aria-label="Export" />
      ) : (
        <progress
          className="export-bar"
          aria-label="Export"
          max={max}
          value={state === 'done' ? max : done}
        />
      )}
      <div className="row wrap">
        <p className="t3 s12 grow">
          {thousands(done)}{' '}
          {total === null ? rowWord(done) : `of ${thousands(total)} ${rowWord(total)}`},{' '}
          {size(bytes)}
          {isRunning ? left(progress) : ''}
        </p>
        {isRunning ? <Stop id={progress.id} stop={stop} /> : null}
      </div>
      {isRunning ? (
        <p className="t3 s12">
          It runs as your browser downloads it. You may close this; leaving the page does not end
          it.
        </p>
      ) : null}
    </>
  );
}

function Stop({ id, stop }: { id: string; stop: StopExport }) {
  const [isStopping, setIsStopping] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const ask = async () => {
    setIsStopping(true);
    setProblem(null);
    const answer = await stop(id).catch(() => null);
    if (answer?.ok === true) return;
    setIsStopping(false);
    setProblem(answer?.message ?? 'The console did not answer. It goes on; try again.');
  };
  return (
    <>
      {problem === null ? null : (
        <Callout tone="critical" live>
          {problem}
        </Callout>
      )}
      <Button
        size="small"
        onClick={() => void ask()}
        unavailable={isStopping ? 'Stopping' : undefined}
      >
        {isStopping ? 'Stopping' : 'Stop'}
      </Button>
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

const rowWord = (count: number): string => (count === 1 ? 'row' : 'rows');

function left({ rowsDone, rowsEstimated, elapsedMs }: ExportProgress): string {
  if (rowsEstimated === null || elapsedMs === null || rowsDone === 0) return '';
  const rest = Math.max(rowsEstimated - rowsDone, 0);
  return `, ${duration((elapsedMs / rowsDone) * rest)} left`;
}

const size = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

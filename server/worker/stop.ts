import { logEvent } from '@/lib/core/log';

const parentPollMs = 500;
/** What started this process gives up on it after ten seconds. */
const graceMs = 8_000;

/** Aborts when the process is asked to stop, or when what started it is gone; then it has eight seconds. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (reason: string) => {
    if (controller.signal.aborted) return;
    logEvent('worker_stopping', { reason });
    controller.abort();
    setTimeout(() => {
      logEvent('worker_stop_overdue');
      process.exit(1);
    }, graceMs).unref();
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop('parent_gone');
  }, parentPollMs).unref();
  return controller.signal;
}

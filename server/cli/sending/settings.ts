import { type Config, config } from '@/lib/core/config';
import { UsageError } from '../usage';

/** Below what the gateway lets one reporter send, so that it need not say so. */
const shareOfLimit = 0.9;

/** Where the gateway is, and how fast one reporter may send to it. */
export function sendingSettings(settings: Config = config()) {
  return {
    gatewayUrl: (settings.GATEWAY_URL ?? `http://localhost:${settings.GATEWAY_PORT}`).replace(
      /\/$/,
      '',
    ),
    perReporter: settings.INGEST_ITEMS_PER_SECOND * shareOfLimit,
  };
}

/** A number given on the command line; `undefined` when it was not given. */
export function numberOption(
  name: string,
  text: string | undefined,
  { min, max, isWhole = false }: { min: number; max: number; isWhole?: boolean },
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max && (!isWhole || Number.isInteger(value)))
    return value;
  throw new UsageError(`--${name} is a${isWhole ? ' whole' : ''} number from ${min} to ${max}.`);
}

/** Aborts when this process is told to end, so that what it began ends in order. */
export function abortOnSignals(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => stop.abort(new Error(`${name} received: stopped.`)));
  return stop.signal;
}

import { setTimeout } from 'node:timers/promises';
import { logEvent } from '@/lib/core/log';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import { rightsOf } from '@/lib/identities/queries';
import { readQuarantined } from '@/lib/log/queries';
import { isJsonRequest } from '@/lib/telemetry/otlp-json';
import { decodeOtlp } from '@/lib/telemetry/otlp-request';
import { signals } from '@/lib/telemetry/schema';
import type { Gateway } from './gateway';
import { runPipeline } from './pipeline';

const POLL_MS = 1000;
const BATCH = 200;

type Requested = {
  id: string;
  reporter: string;
  signal: string;
  name: string;
  names: string[];
  reports_for_all: boolean;
  reports_for: string[];
};

/**
 * Sends quarantined items that a person asked to replay through the same steps again, as their reporter.
 * What is accepted now is stored in the transaction that settles the row; what is refused again says so.
 */
export function startReplaying(gateway: Gateway, kek: KeyEncryptionKey): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await replayBatch(gateway, kek).catch((error) => logEvent('replay_failed', { error }));
      await setTimeout(POLL_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

async function replayBatch(gateway: Gateway, kek: KeyEncryptionKey): Promise<void> {
  const { rows } = await gateway.pool.query<Requested>(
    `SELECT q.id, q.reporter, q.signal, i.name, i.names, i.reports_for_all,
       array(SELECT identity_id::text FROM identity_reports_for r WHERE r.reporter_id = i.id) AS reports_for
     FROM quarantine q JOIN identity i ON i.id = q.reporter
     WHERE q.replay_state = 'requested' ORDER BY q.received_at, q.id LIMIT $1`,
    [BATCH],
  );
  for (const row of rows) await replayOne(gateway, kek, row);
}

async function replayOne(gateway: Gateway, kek: KeyEncryptionKey, row: Requested): Promise<void> {
  // One that cannot be opened any more must not hold up the rest for ever.
  const raw = await readQuarantined(gateway.pool, kek, row.id).catch((error) => {
    logEvent('quarantined_unreadable', { quarantined: row.id, error });
    return null;
  });
  const signal = signals.find((known) => known === row.signal) ?? 'trace';
  const decoded =
    raw === null ? null : decodeOtlp(signal, isJsonRequest(raw) ? 'json' : 'protobuf', raw);
  const items = decoded?.ok === true ? decoded.value : [];
  const { entries, refused } = await runPipeline(
    items,
    gateway.contextFor(rightsOf({ ...row, id: row.reporter }), gateway.clock()),
  );
  const state = entries.length > 0 && refused.length === 0 ? 'accepted' : 'refused_again';
  // What is refused again stays where it is, so it is not quarantined a second time. When this cannot be
  // written the row stays requested, and its turn comes again.
  await gateway.writer.append({
    reporter: row.reporter,
    entries,
    refused: [],
    bytes: raw?.length ?? 0,
    replayed: [{ id: row.id, state }],
  });
}

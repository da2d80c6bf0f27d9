import { setTimeout } from 'node:timers/promises';
import { logEvent } from '@/lib/core/log';
import type { KeyEncryptionKey } from '@/lib/core/secrets';
import type { ReporterRights } from '@/lib/identities/attribute';
import { readQuarantined } from '@/lib/log/queries';
import type { PreparedEntry } from '@/lib/log/schema';
import { decodeTracesJson, isJsonRequest } from '@/lib/telemetry/otlp-json';
import { decodeTracesProtobuf } from '@/lib/telemetry/otlp-protobuf';
import type { Gateway } from './gateway';
import { runPipeline } from './pipeline';

const POLL_MS = 1000;
const BATCH = 200;

type ReplayState = 'accepted' | 'refused_again';

type Requested = {
  id: string;
  reporter: string;
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
    `SELECT q.id, q.reporter, i.name, i.names, i.reports_for_all,
       array(SELECT identity_id::text FROM identity_reports_for r WHERE r.reporter_id = i.id) AS reports_for
     FROM quarantine q JOIN identity i ON i.id = q.reporter
     WHERE q.replay_state = 'requested' ORDER BY q.received_at, q.id LIMIT $1`,
    [BATCH],
  );
  for (const row of rows) {
    try {
      await replayOne(gateway, kek, row);
    } catch (error) {
      // One that cannot be opened any more must not hold up the rest for ever.
      logEvent('replay_failed', { quarantined: row.id, error });
      if (gateway.writer.isReady)
        await settle(gateway, row, { entries: [], bytes: 0, state: 'refused_again' });
    }
  }
}

async function replayOne(gateway: Gateway, kek: KeyEncryptionKey, row: Requested): Promise<void> {
  const raw = await readQuarantined(gateway.pool, kek, row.id);
  const reporter: ReporterRights = {
    id: row.reporter,
    names: new Set([row.name, ...row.names]),
    reportsFor: row.reports_for_all
      ? 'all'
      : row.reports_for.length > 0
        ? new Set(row.reports_for)
        : null,
  };
  const decoded =
    raw === null ? null : isJsonRequest(raw) ? decodeTracesJson(raw) : decodeTracesProtobuf(raw);
  const items = decoded?.ok === true ? decoded.value : [];
  const { entries, refused } = await runPipeline(
    items,
    gateway.contextFor(reporter, gateway.clock()),
  );
  const state = entries.length > 0 && refused.length === 0 ? 'accepted' : 'refused_again';
  await settle(gateway, row, { entries, bytes: raw?.length ?? 0, state });
}

/** What is refused again stays where it is, so it is not quarantined a second time. */
async function settle(
  gateway: Gateway,
  { id, reporter }: Requested,
  { entries, bytes, state }: { entries: PreparedEntry[]; bytes: number; state: ReplayState },
): Promise<void> {
  await gateway.writer.append({ reporter, entries, refused: [], bytes, replayed: [{ id, state }] });
}

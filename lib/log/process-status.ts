import type { Pool } from '@/lib/db/pool';

/** What a running process tells of itself every few seconds; the health page shows it. */
export type ProcessStatus = {
  id: string;
  role: 'gateway' | 'worker' | 'console';
  version: string;
  startedAt: Date;
  figures: Record<string, unknown>;
};

export async function writeProcessStatus(pool: Pool, status: ProcessStatus): Promise<void> {
  await pool.query(
    `INSERT INTO process_status (id, role, version, started_at, seen_at, figures) VALUES ($1, $2, $3, $4, now(), $5)
     ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, figures = excluded.figures`,
    [status.id, status.role, status.version, status.startedAt, JSON.stringify(status.figures)],
  );
}

/** To be called on a graceful stop; who dies otherwise goes stale. */
export async function clearProcessStatus(pool: Pool, id: string): Promise<void> {
  await pool.query('DELETE FROM process_status WHERE id = $1', [id]);
}

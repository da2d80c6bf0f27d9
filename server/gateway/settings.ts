import { logEvent } from '@/lib/core/log';
import type { Queryable } from '@/lib/db/pool';
import { type CostOf, costBy } from '@/lib/inventory/prices/cost';
import { loadPrices } from '@/lib/inventory/prices/queries';
import type { ContentPolicy } from '@/lib/telemetry/schema';

const REFRESH_MS = 1000;

/**
 * What the gateway knows of the settings, read again every second. When the database does
 * not answer it goes on with what it knew: it could not append anything then either.
 */
export class GatewaySettings {
  contentPolicy: ContentPolicy;
  /** By the prices that the organisation set. */
  costOf: CostOf = () => null;
  private readonly db: Queryable;
  private timer: NodeJS.Timeout | undefined;

  /** `first` governs until the organisation is set up. */
  constructor(db: Queryable, first: ContentPolicy) {
    this.db = db;
    this.contentPolicy = first;
  }

  async start(): Promise<void> {
    await this.refresh();
    this.timer = setInterval(() => {
      this.refresh().catch((error) => logEvent('settings_unreadable', { error }));
    }, REFRESH_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async refresh(): Promise<void> {
    this.costOf = costBy(await loadPrices(this.db));
    const { rows } = await this.db.query<{ content: ContentPolicy }>(
      'SELECT content FROM setting WHERE id = 1',
    );
    const content = rows[0]?.content;
    if (content !== undefined) this.contentPolicy = content;
  }
}

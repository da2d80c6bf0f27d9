import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { logEvent } from '@/lib/core/log';

const CHECK_MS = 2000;

/** Watches the free space where the data lives; without an answer it reports what it knew last. */
export class DiskWatch {
  freeMb: number | null = null;
  private readonly timer: NodeJS.Timeout;
  private readonly folder: string;
  private readonly minMb: number;

  constructor(folder: string, minMb: number) {
    this.folder = nearestExisting(folder);
    this.minMb = minMb;
    this.timer = setInterval(() => void this.check(), CHECK_MS);
    this.timer.unref();
  }

  get isLow(): boolean {
    return this.freeMb !== null && this.freeMb < this.minMb;
  }

  async check(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.folder);
      const wasLow = this.isLow;
      this.freeMb = Math.floor((bavail * bsize) / 1024 / 1024);
      if (this.isLow !== wasLow)
        logEvent(this.isLow ? 'disk_low' : 'disk_recovered', {
          freeMb: this.freeMb,
          minMb: this.minMb,
        });
    } catch (error) {
      logEvent('disk_unreadable', { error });
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** A gateway with a database elsewhere may have no data folder of its own. */
function nearestExisting(folder: string): string {
  const absolute = path.resolve(folder);
  return existsSync(absolute) ? absolute : nearestExisting(path.dirname(absolute));
}

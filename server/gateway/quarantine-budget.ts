const DAY_MS = 86_400_000;
const REPORTERS_MAX = 10_000;

/**
 * How much of refused items quarantine keeps of each reporter a day (UTC). What is beyond is known by reason and
 * size only, or one sender's mistakes would fill the disk for all.
 */
export class QuarantineBudget {
  private readonly kept = new Map<string, number>();
  private readonly bytesPerDay: number;
  private day = 0;

  constructor(bytesPerDay: number) {
    this.bytesPerDay = bytesPerDay;
  }

  /** Takes the bytes and says yes, or takes nothing and says no. */
  take(reporter: string, bytes: number, nowMs: number): boolean {
    const day = Math.floor(nowMs / DAY_MS);
    if (day !== this.day || this.kept.size >= REPORTERS_MAX) {
      this.kept.clear();
      this.day = day;
    }
    const total = (this.kept.get(reporter) ?? 0) + bytes;
    if (total > this.bytesPerDay) return false;
    this.kept.set(reporter, total);
    return true;
  }
}

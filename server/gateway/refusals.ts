import { Budget } from '@/lib/core/budget';
import { logEvent } from '@/lib/core/log';
import { sourceOf } from '@/lib/core/network';
import type { ProofRefusal } from '@/lib/identities/proofs/schema';
import type { CanonicalValue } from '@/lib/log/canonical';

/** A refused authentication, without anything of what was presented. */
export type Refusal = {
  reason: ProofRefusal;
  address: string;
  /** What was shown, by kind: `certificate`, `bearer`, `basic`, `api_key`, `nothing`. */
  presented: string;
  detail: string;
  identity: string | null;
  credential: string | null;
  /** Of the management API. */
  apiKey: string | null;
  /** SHA-256 of a certificate. */
  thumbprint: string | null;
};

type Facts = Readonly<Record<string, CanonicalValue>>;
type Whose = 'known' | 'stranger';
type Told = {
  facts: Facts;
  reason: ProofRefusal;
  whose: Whose;
  untilMs: number;
  repeats: number;
};
type Options = {
  append: (facts: Facts) => Promise<void>;
  count: (reason: ProofRefusal) => void;
};

const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
const TOLD_MAX = 1_000;
const DETAIL_MAX = 500;
/**
 * Together: entries are for ever, and anybody can make as many refusals as they like. Whoever showed what is known has as
 * much apart, so that no stranger keeps a refusal of theirs out of the log.
 */
const entries = { perSecond: 0.2, burst: 60 };
/** Of one network. */
const certificatesApart = { perSecond: 0.02, burst: 20 };

/**
 * Tells the log of refused authentications, so that an attempt is on record and a flood of them is no flood of entries:
 * the first of its kind at once, what repeats it by the minute with a count, and what is beyond the budget as how many.
 * Nothing waits for it, and what cannot be written is counted and told later.
 */
export class Refusals {
  private readonly told = new Map<string, Told>();
  private readonly budget = new Budget(entries);
  private readonly toldApart = new Budget(certificatesApart);
  private beyond = new Map<ProofRefusal, number>();
  private beyondUntilMs = 0;
  private readonly options: Options;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: Options) {
    this.options = options;
  }

  start(): void {
    this.timer = setInterval(() => this.look(Date.now()), LOOK_EVERY_MS);
    this.timer.unref();
  }

  note(refusal: Refusal, nowMs: number): void {
    const { reason } = refusal;
    this.options.count(reason);
    const known = refusal.identity ?? refusal.apiKey;
    const whose = known === null ? 'stranger' : 'known';
    const key = this.keyOf(refusal, known, nowMs);
    const before = this.told.get(key);
    if (before !== undefined) {
      before.repeats += 1;
      return;
    }
    if (this.told.size >= TOLD_MAX || !this.budget.take(whose, nowMs)) {
      this.pass(reason, 1, nowMs);
      return;
    }
    const facts = factsOf(refusal);
    this.told.set(key, { facts, reason, whose, untilMs: nowMs + MINUTE_MS, repeats: 0 });
    void this.append(facts, [[reason, 1]], nowMs);
  }

  /** What repeats it. Strangers make as many certificates as they like: only some of one network are told apart. */
  private keyOf(
    { reason, presented, thumbprint, address }: Refusal,
    known: string | null,
    nowMs: number,
  ): string {
    const source = sourceOf(address);
    const keyed = (who: string) => `${reason}\0${who}\0${source}`;
    if (known !== null || thumbprint === null) return keyed(known ?? presented);
    const apart = keyed(thumbprint);
    return this.told.has(apart) || this.toldApart.take(source, nowMs) ? apart : keyed(presented);
  }

  /** Tells of what is counted and due. */
  look(nowMs: number): void {
    for (const [key, { facts, reason, whose, untilMs, repeats }] of this.told) {
      if (untilMs > nowMs) continue;
      this.told.delete(key);
      if (repeats === 0) continue;
      if (!this.budget.take(whose, nowMs)) {
        this.pass(reason, repeats, nowMs);
        continue;
      }
      // It goes on: what follows is of the next minute.
      this.told.set(key, { facts, reason, whose, untilMs: nowMs + MINUTE_MS, repeats: 0 });
      void this.append({ ...facts, count: repeats }, [[reason, repeats]], nowMs);
    }
    if (this.beyond.size > 0 && this.beyondUntilMs <= nowMs) void this.tellBeyond(nowMs);
  }

  /** Tells of all that is counted, due or not. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    const nowMs = Date.now();
    for (const { reason, repeats } of this.told.values())
      if (repeats > 0) this.pass(reason, repeats, nowMs);
    this.told.clear();
    if (this.beyond.size > 0) await this.tellBeyond(nowMs);
  }

  private pass(reason: ProofRefusal, count: number, nowMs: number): void {
    if (this.beyond.size === 0) this.beyondUntilMs = nowMs + MINUTE_MS;
    this.beyond.set(reason, (this.beyond.get(reason) ?? 0) + count);
  }

  private tellBeyond(nowMs: number): Promise<void> {
    const counted = [...this.beyond].sort(([one], [other]) => (one < other ? -1 : 1));
    this.beyond = new Map();
    const facts = {
      count: counted.reduce((sum, [, count]) => sum + count, 0),
      reasons: Object.fromEntries(counted),
      detail: 'So many more were refused than are told one by one.',
    };
    return this.append(facts, counted, nowMs);
  }

  private async append(
    facts: Facts,
    counted: [ProofRefusal, number][],
    nowMs: number,
  ): Promise<void> {
    try {
      await this.options.append(facts);
    } catch (error) {
      logEvent('refusal_not_told', { error });
      for (const [reason, count] of counted) this.pass(reason, count, nowMs);
    }
  }
}

function factsOf({ identity, credential, apiKey, thumbprint, detail, ...rest }: Refusal): Facts {
  return {
    ...rest,
    detail: detail.slice(0, DETAIL_MAX),
    ...(identity === null ? {} : { identity }),
    ...(credential === null ? {} : { credential }),
    ...(apiKey === null ? {} : { key: apiKey }),
    ...(thumbprint === null ? {} : { thumbprint }),
  };
}

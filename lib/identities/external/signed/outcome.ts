import type { VerifyReason } from '../schema';

/** Which key signed it, when, and by what it is told from others; or why it is not taken. */
export type Signed =
  | {
      readonly ok: true;
      readonly keyid: string;
      /** What is its own among all that this API signs. */
      readonly id: string;
      /** Seconds since 1970. */
      readonly stamp: number;
    }
  | { readonly ok: false; readonly reason: VerifyReason; readonly keyid: string | null };

export const not = (reason: VerifyReason, keyid: string | null = null): Signed => ({
  ok: false,
  reason,
  keyid,
});

export type Message = {
  readonly method: string;
  readonly url: string;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
};

/** Of clocks that go differently. */
const aheadMaxSeconds = 60;

/** Null where a time of signing is near enough. */
export function judgeStamp(
  stamp: number,
  { nowSeconds, toleranceSeconds }: { nowSeconds: number; toleranceSeconds: number },
): 'too_old' | 'in_future' | null {
  if (stamp > nowSeconds + aheadMaxSeconds) return 'in_future';
  return stamp < nowSeconds - toleranceSeconds ? 'too_old' : null;
}

import { Budget } from '@/lib/core/budget';
import { logEvent } from '@/lib/core/log';
import { sourceOf } from '@/lib/core/network';
import type { EnrolmentRefusal } from '@/lib/identities/enrolment/schema';
import { appendControl } from '@/lib/log/append-control';
import type { Gateway } from '../gateway';

/** One of an address for each reason, and then one in ten minutes. */
const perAddress = { perSecond: 1 / 600, burst: 1 };
/** Of all addresses: strangers do not fill the log. */
const inAll = { perSecond: 1 / 60, burst: 60 };

/** Entries of refused enrolments, a bounded number, with how many there were besides. */
export function createRefusalLog(gateway: Gateway) {
  const ofAddress = new Budget(perAddress);
  const ofAll = new Budget(inAll);
  let untold = 0;
  return {
    /** A refusal is answered whether or not it can be written down. */
    async note(address: string, reason: EnrolmentRefusal, now: Date): Promise<void> {
      const nowMs = now.getTime();
      if (!ofAddress.take(`${reason} ${sourceOf(address)}`, nowMs) || !ofAll.take('all', nowMs)) {
        untold += 1;
        return;
      }
      const facts = { address, reason, ...(untold === 0 ? {} : { untold }) };
      untold = 0;
      await appendControl(gateway.pool, 'enrolment_refused', facts).catch((error: unknown) =>
        logEvent('enrolment_refusal_not_recorded', { error }),
      );
    },
  };
}

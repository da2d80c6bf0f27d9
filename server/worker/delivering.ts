import { systemClock } from '@/lib/core/clock';
import { logEvent } from '@/lib/core/log';
import {
  type Courier,
  claimDue,
  deliver,
  forgetDelivered,
  forgetNotices,
} from '@/lib/delivery/outbox';
import type { Channel } from '@/lib/delivery/schema';
import { remindOfCredentials } from '@/lib/identities/credentials/remind';
import { expireEnrolments, tellOfEnrolments } from '@/lib/identities/enrolment/expire';
import { remindOfSecrets } from '@/lib/identities/foreign-secrets/remind';
import { remindOfKeys } from '@/lib/people/api-keys/remind';
import { pause, repeat } from './repeat';

const pollMs = 1_000;
const busyMs = 100;
const graceMs = 5_000;
const enrolmentsMs = 10_000;
const hourMs = 3_600_000;
/** So many at once; what is slow by one channel holds up nothing of the other. */
const atOnce: Record<Channel, number> = { email: 4, webhook: 12 };

/** Sends what is in the outbox until asked to stop. Several workers may do this at once. */
export async function runDelivering(courier: Courier, stop: AbortSignal): Promise<void> {
  await Promise.all([
    runChannel(courier, 'email', stop),
    runChannel(courier, 'webhook', stop),
    repeat('forgetting deliveries', stop, async () => {
      await forgetDelivered(courier.db, systemClock());
      await forgetNotices(courier.db, systemClock());
      return hourMs;
    }),
    repeat('enrolments', stop, async () => {
      await expireEnrolments(courier.db, systemClock());
      await tellOfEnrolments(courier.db, systemClock());
      return enrolmentsMs;
    }),
    repeat('reminding of keys', stop, async () => {
      await remindOfKeys(courier.db, systemClock());
      await remindOfCredentials(courier.db, systemClock());
      await remindOfSecrets(courier.db, systemClock());
      return hourMs;
    }),
  ]);
}

async function runChannel(courier: Courier, channel: Channel, stop: AbortSignal): Promise<void> {
  const underWay = new Set<Promise<void>>();
  await repeat(`delivering ${channel}`, stop, async () => {
    const free = atOnce[channel] - underWay.size;
    const claims =
      free > 0 ? await claimDue(courier.db, { channel, max: free }, systemClock()) : [];
    for (const claim of claims) {
      const sending = deliver(courier, claim, systemClock()).then(
        () => undefined,
        // Its lease ends, and it is claimed again.
        (error: unknown) => logEvent('delivery_not_recorded', { delivery: claim.id, error }),
      );
      underWay.add(sending);
      void sending.finally(() => underWay.delete(sending));
    }
    return claims.length < free ? pollMs : busyMs;
  });
  // What takes longer is tried again by the next worker, when its lease is over.
  await Promise.race([Promise.all(underWay), pause(graceMs, new AbortController().signal)]);
}

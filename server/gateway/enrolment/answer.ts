import { type Config, gatewayUrl } from '@/lib/core/config';
import type { EnrolmentStatus } from '@/lib/identities/enrolment/queries';
import type { EnrolmentState } from '@/lib/identities/enrolment/schema';

const says: Record<EnrolmentState, string> = {
  open: 'It waits for a person to accept it. Ask again in a minute.',
  accepted: 'It is registered. Authenticate with the key that it was asked for with.',
  refused: 'A person refused it. Ask an administrator why before asking again.',
  expired: 'Nobody decided within a day. It may be asked for again.',
};

/** What a workload is told of its enrolment, and once it is accepted how its key proves it. */
export const answerOf = (
  id: string,
  { state, expiresAt, thumbprint, identity }: EnrolmentStatus,
  config: Config,
) => ({
  id,
  state: state === 'open' ? 'pending' : state,
  expiresAt: expiresAt.toISOString(),
  next: says[state],
  ...(identity === null
    ? {}
    : {
        identity,
        authenticate: {
          method: 'private_key_jwt',
          send: 'authorization: Bearer <a JWT that the key signed; it lives five minutes at most>',
          header: { kid: thumbprint },
          claims: { iss: identity.id, sub: identity.id, aud: gatewayUrl(config) },
          needs: ['iat', 'exp', 'jti'],
        },
      }),
});

import type { VerifyReason } from './schema';

/** Why what is said to come from an external API is taken or not. */
export const originLabels: Record<VerifyReason, string> = {
  signed: 'Signed by a registered key.',
  no_verifier: 'How this API signs is not registered, so nothing can be verified.',
  stopped: 'This API is not active: nothing from it is taken.',
  missing: 'The headers of a signature are missing.',
  malformed: 'The signature cannot be read, or signs something that was not received.',
  unknown_key: 'It is signed by a key that is not registered for this API.',
  wrong_algorithm: 'It names another algorithm than its key is registered for.',
  not_covered: 'It does not sign all that it has to: see which components are registered.',
  digest_mismatch: 'What is signed is another body than this.',
  too_old: 'It was signed too long ago, or has expired.',
  in_future: 'It was signed in the future.',
  invalid: 'The signature does not hold.',
  replayed: 'This very message was verified before.',
  too_many: 'Too many messages of this API were verified within minutes.',
};

import { z } from 'zod';
import {
  messageBytesMax,
  origins,
  SignedMessage,
  verifyReasons,
} from '@/lib/identities/external/schema';
import { command } from './route';

/** A body in base64, and the rest of a message. */
const bytesMax = Math.ceil(messageBytesMax / 3) * 4 + 128 * 1024;

export const messageVerification = command({
  method: 'POST',
  path: '/external-apis/{id}/verify',
  id: 'verifyMessage',
  summary:
    'Whether an external API signed what is said to come from it (Standard Webhooks, or HTTP Message Signatures of RFC 9421)',
  needs: 'registry:read',
  params: z.strictObject({ id: z.guid() }),
  body: SignedMessage,
  bytesMax,
  answer: z.object({
    origin: z.enum(origins),
    reason: z.enum(verifyReasons),
    says: z.string().describe('The reason in words'),
    keyid: z.string().nullable().describe('Of the key that signed it, or was to'),
    isRepeat: z
      .boolean()
      .describe('A message with its id was verified before, and this one was signed anew since'),
  }),
  handle: ({ verifySigned }, { id }, message) => verifySigned(id, message),
});

import { z } from 'zod';
import { Reason } from '@/lib/people/reason';

/** One identity and one reason: all that stopping it takes, and starting it again. */
export const MoveIdentity = z.object({ identityId: z.guid(), reason: Reason });
export type MoveIdentity = z.input<typeof MoveIdentity>;

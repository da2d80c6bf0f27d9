import { z } from 'zod';
import { ResourceAttributes } from '../schema';

const Proposal = z.object({ attributes: ResourceAttributes, reason: z.string() });
type Proposal = z.output<typeof Proposal>;

/** What a machine proposed to say of a resource; null where nothing is, or what is no longer understood. */
export function readProposal(stored: unknown): Proposal | null {
  const parsed = Proposal.safeParse(stored);
  return parsed.success ? parsed.data : null;
}

import { expect, vi } from 'vitest';
import type { RegistryState } from '@/lib/identities/state/registry-state';
import type { TestGateway } from './gateway';

/** Longer than any gateway takes, also on a machine that is busy with other tests; how soon it is, another test holds. */
const timeout = 10_000;

/**
 * Waits until each gateway has heard by itself of a change, without asking it to look: what it says of the very next
 * request can then be asserted, however busy the machine is.
 */
export async function untilKnown(
  gateways: TestGateway | readonly TestGateway[],
  isKnown: (state: RegistryState) => boolean,
): Promise<void> {
  for (const { gateway } of [gateways].flat())
    await vi.waitFor(() => expect(isKnown(gateway.registry.state)).toBe(true), {
      timeout,
      interval: 5,
    });
}

export const isSuspended =
  (id: string) =>
  (state: RegistryState): boolean =>
    state.identity(id)?.state === 'suspended';

/** Every credential of it. */
export const isRevoked =
  (identity: string) =>
  (state: RegistryState): boolean =>
    state.credentialsOf(identity).every((each) => each.isRevoked);

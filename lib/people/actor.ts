import type { ApiScope } from './api-keys/schema';
import type { Role } from './schema';

/** A signed-in person who acts. */
export type PersonActor = {
  readonly kind: 'person';
  readonly id: string;
  readonly roles: readonly Role[];
  /** Whether a second factor was shown within the last minutes; see `freshForMs`. */
  readonly isFresh: boolean;
  /** Whether what was shown within the last minutes was a recovery code: enough to set up a factor again, no more. */
  readonly isRecovered?: boolean;
  readonly signIn: string;
  /** Where the request came from, as far as it can be believed. */
  readonly address: string;
};

/** Whoever runs the command line beside the database. */
export type OperatorActor = { readonly kind: 'operator'; readonly name: string };

/** A machine with an API key: it proposes and stops, and nothing that takes a person. */
export type MachineActor = {
  readonly kind: 'machine';
  readonly id: string;
  readonly scopes: readonly ApiScope[];
  readonly address: string;
};

export type Actor = PersonActor | OperatorActor | MachineActor;

/** For how long a second factor is fresh enough for dangerous acts. */
export const freshForMs = 10 * 60_000;

export const nameOfActor = (actor: Actor): string =>
  actor.kind === 'operator'
    ? `operator:${actor.name}`
    : `${actor.kind === 'machine' ? 'api_key' : 'person'}:${actor.id}`;

/** Who did it and from where: the first facts of every entry that tells of an act. */
export type Who = { readonly by: string; readonly address?: string; readonly sign_in?: string };

export function whoOf(actor: Actor): Who {
  const by = nameOfActor(actor);
  if (actor.kind === 'operator') return { by };
  if (actor.kind === 'machine') return { by, address: actor.address };
  return { by, address: actor.address, sign_in: actor.signIn };
}

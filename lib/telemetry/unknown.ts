import type { DialectRules } from './dialect';

/**
 * Any other span is still an interaction: a data transfer when it names a peer, else an event.
 * Whether it has children, which would make it a step, one span alone cannot say.
 */
export const unknown: DialectRules = {
  name: 'unknown',
  detect: () => true,
  kindOf: (claims) =>
    claims.has('serverAddress') || claims.has('clientAddress') ? 'data_transfer' : 'event',
};

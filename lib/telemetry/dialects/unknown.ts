import type { DialectRules } from './dialect';

/**
 * Any other span is still an interaction: a data transfer when it names a peer, else an event.
 * Whether it has children, which would make it a step, one span alone cannot say. A record is only told
 * of an exchange, never one itself.
 */
export const unknown: DialectRules = {
  name: 'unknown',
  detect: () => true,
  kindOf: (claims, { record }) =>
    record === null &&
    (claims.has('serverAddress') || claims.has('peerAddress') || claims.has('clientAddress'))
      ? 'data_transfer'
      : 'event',
  bodyOf: (_name, body) =>
    typeof body === 'string' && body !== '' ? { slot: 'output', text: body } : null,
};

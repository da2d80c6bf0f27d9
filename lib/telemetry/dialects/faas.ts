import type { Claims } from '../claims';
import type { InteractionKind } from '../schema';
import type { DialectRules } from './dialect';

/** What set a function off from outside sends it data; a timer, or who does not say, only runs it. */
function kindOf(claims: Claims): InteractionKind {
  if (claims.has('faasInvoked')) return 'data_transfer';
  const trigger = claims.peek('operation');
  return trigger === 'http' || trigger === 'pubsub' || trigger === 'datasource'
    ? 'data_transfer'
    : 'process';
}

/** A function, scheduled job or batch run, and the call of one. */
export const faas: DialectRules = {
  name: 'faas',
  detect: (signs) => signs.has('faas'),
  kindOf: (claims, { record }) => (record === null ? kindOf(claims) : 'event'),
  names: {
    operation: ['faas.trigger'],
    system: ['faas.invoked_provider'],
    faasInvoked: ['faas.invoked_name'],
    requestId: ['faas.invocation_id', 'faas.execution'],
  },
  resourceOf: (claims, _named, kind) => {
    const name = kind === 'data_transfer' ? claims.text('faasInvoked') : null;
    return name === null ? null : { kind: 'endpoint', name };
  },
};

import type { DialectRules } from './dialect';

/** What is done to a message before it is sent or after it was taken moves nothing: that has a span of its own. */
const accessories = new Set(['create', 'settle']);

/** What is published to a queue or topic, and what is taken from one. */
export const messaging: DialectRules = {
  name: 'messaging',
  detect: (signs) => signs.has('messaging'),
  kindOf: (claims, { record }) => {
    if (record !== null) return 'event';
    return accessories.has(claims.peek('operation') ?? '') ? 'step' : 'data_transfer';
  },
  names: {
    operation: ['messaging.operation.type', 'messaging.operation.name', 'messaging.operation'],
    system: ['messaging.system'],
    destination: ['messaging.destination.name', 'messaging.destination'],
    requestId: ['messaging.message.id', 'messaging.message_id'],
    conversation: ['messaging.message.conversation_id', 'messaging.conversation_id'],
  },
  resourceOf: (claims, { server }, kind) => {
    if (kind !== 'data_transfer') return null;
    const name = claims.text('destination') ?? server;
    return name === null ? null : { kind: 'endpoint', name };
  },
};

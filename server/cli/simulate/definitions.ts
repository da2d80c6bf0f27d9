import type { Actor } from './organisation';

/** What tools an actor's model is offered, as its programs describe them. */

const order = { type: 'string', description: 'Number of the order' };
const reason = { type: 'string', maxLength: 200 };

const tool = (name: string, description: string, properties: object, required: string[]) => ({
  type: 'function',
  name,
  description,
  parameters: { type: 'object', properties, required, additionalProperties: false },
});

const lookUp = tool('look_up_order', 'Looks up an order and what became of it.', { order }, [
  'order',
]);

/** Every other release offers to tell the customer, too. */
const changeOrder = (release: number) =>
  release % 2 === 0
    ? tool('change_order', 'Changes an order that was not packed yet.', { order, reason }, [
        'order',
        'reason',
      ])
    : tool(
        'change_order',
        'Changes an order that was not packed yet, and tells the customer by mail.',
        { order, reason, notify: { type: 'string', format: 'email' } },
        ['order', 'reason'],
      );

/** Null where its instrumentation leaves them out. `version` is that of the release. */
export function definitionsOf({ archetype, dialect }: Actor, version: string): string | null {
  if (archetype !== 'returns' || dialect !== 'genai') return null;
  const release = Number(version.split('.')[1] ?? 0);
  return JSON.stringify([
    lookUp,
    changeOrder(release),
    tool('notify_carrier', 'Asks a carrier where a parcel is.', { order, reason }, ['order']),
    tool('create_return_label', 'Makes a label to send something back.', { order, reason }, [
      'order',
    ]),
    tool('open_warranty_claim', 'Opens a claim within the warranty.', { order, reason }, ['order']),
    tool('resend_invoice', 'Sends an invoice again.', { order, reason }, ['order']),
  ]);
}

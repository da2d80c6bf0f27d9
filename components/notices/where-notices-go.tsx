import { KeyValue } from '@/components/ui/key-value';
import type { NoticeAction, Webhook } from '@/lib/delivery/schema';
import { ActForm } from './act-form';
import { LastDelivery } from './last-delivery';
import { type WebhookActions, WebhookForm } from './webhook-form';

/** The channels of whoever looks, and the way to try them. */
export function WhereNoticesGo({
  email,
  hasMail,
  webhook,
  now,
  test,
  actions,
}: {
  email: string;
  hasMail: boolean;
  webhook: Webhook | null;
  now: Date;
  test: NoticeAction;
  actions: WebhookActions;
}) {
  return (
    <section className="where" aria-labelledby="where">
      <h2 id="where">Where notices go</h2>
      <KeyValue
        rows={[
          ['Inbox', 'This page, always'],
          [
            'E-mail',
            hasMail ? email : 'None is sent here. Whoever runs Sallyport sets SMTP_URL for that.',
          ],
          ['Webhook', webhook === null ? 'None' : webhook.host],
        ]}
      />
      <ActForm action={test} id="own" label="Send me a test" looksAgain />
      <WebhookForm
        team={null}
        of="of yours"
        webhook={webhook === null ? null : { url: webhook.url, host: webhook.host }}
        actions={actions}
      />
      {webhook === null ? null : <LastDelivery last={webhook.last} now={now} />}
    </section>
  );
}

'use client';

import { useRef } from 'react';
import { Button } from '@/components/ui/button';
import { CopyTextButton } from '@/components/ui/copy-button';
import { Field } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { WebhookAction, WebhookAnswer } from '@/lib/delivery/schema';
import { ConfirmButton } from './confirm-button';

export type WebhookActions = Record<'save' | 'rotate' | 'remove' | 'test', WebhookAction>;

/** Sets the one webhook of a team, or of whoever looks; its secret shows once, when it is made. */
export function WebhookForm({
  team,
  of,
  webhook,
  actions,
}: {
  /** A team's id; null for one's own. */
  team: string | null;
  /** Whose it is, for labels: "yours", "of Returns". */
  of: string;
  webhook: { url: string; host: string } | null;
  actions: WebhookActions;
}) {
  const asked = useRef<keyof WebhookActions>('save');
  const address = useRef<HTMLInputElement>(null);
  const { state, isPending, form } = useKeptForm<WebhookAnswer>(async (last, data) => {
    const done = await actions[asked.current](last, data);
    if (done.ok && asked.current === 'remove' && address.current !== null)
      address.current.value = '';
    return done;
  });
  const why = isPending ? 'Under way' : undefined;
  const ask = (action: keyof WebhookActions) => () => {
    asked.current = action;
  };
  return (
    <form {...form} className="webhook-form" aria-label={`Webhook ${of}`}>
      {team === null ? null : <input type="hidden" name="team" value={team} />}
      <Field
        id={`webhook-${team ?? 'own'}`}
        name="url"
        ref={address}
        label={team === null ? 'Webhook address' : `Webhook address ${of}`}
        type="url"
        inputMode="url"
        placeholder="https://hooks.company.example/sallyport"
        defaultValue={webhook?.url ?? ''}
        required
        maxLength={2048}
        autoComplete="off"
        spellCheck={false}
      />
      <div className="row wrap">
        <Button type="submit" unavailable={why} onClick={ask('save')}>
          {webhook === null ? 'Set webhook' : 'Change address'}
        </Button>
        {webhook === null ? null : (
          <>
            {team === null ? null : (
              <Button type="submit" formNoValidate unavailable={why} onClick={ask('test')}>
                Send test
              </Button>
            )}
            <ConfirmButton
              label="Rotate secret"
              question={`Rotate the secret of ${webhook.host}?`}
              consequence="From now on everything is signed with the new secret. Whoever receives it refuses it until they know that."
              keep="Keep the secret"
              unavailable={why}
              onConfirm={ask('rotate')}
            />
            <ConfirmButton
              label="Remove"
              question={`Remove the webhook to ${webhook.host}?`}
              consequence="Nothing is posted there any more. What waits to be sent there is withdrawn."
              keep="Keep the webhook"
              isDangerous
              unavailable={why}
              onConfirm={ask('remove')}
            />
          </>
        )}
      </div>
      <Refusal state={state} />
      {state?.ok === true && state.value.secret !== null ? (
        <Secret secret={state.value.secret} />
      ) : null}
      <p className="s12 t2" role="status">
        {state?.ok === true ? state.value.said : ''}
      </p>
    </form>
  );
}

function Secret({ secret }: { secret: string }) {
  return (
    <div className="stack">
      <div className="row wrap" data-shown-once>
        <code className="webhook-secret">{secret}</code>
        <CopyTextButton value={secret} label="Copy webhook secret" />
      </div>
      <p className="t3 s12">
        Its secret, shown this once. Whoever receives verifies each message with it, as Standard
        Webhooks describes.
      </p>
    </div>
  );
}

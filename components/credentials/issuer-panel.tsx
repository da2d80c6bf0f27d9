import { SidePanel } from '@/components/coverage/side-panel';
import { Visible } from '@/components/inventory/visible';
import { CopyButton } from '@/components/ui/copy-button';
import { KeyValue } from '@/components/ui/key-value';
import type { Stopping } from '@/lib/identities/anchors/queries';
import type { ListedIssuer } from '@/lib/identities/issuers/queries';
import { utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import './credentials.css';
import { ChangeIssuer } from './issuer-forms';
import { StopDialog } from './stop-dialog';
import { StoppingList, stoppingWords } from './stopping-list';

/** One issuer: where its keys are, whose credentials go by it, and what may be done. */
export function IssuerPanel({
  issuer,
  stopping,
  actions,
  href,
  closeHref,
}: {
  issuer: ListedIssuer;
  stopping: readonly Stopping[];
  /** Null for whoever may not. */
  actions: Record<'change' | 'revoke', SettingsAction> | null;
  href: string;
  closeHref: string;
}) {
  const { id, name, jwksUrl, kids, revokedAt } = issuer;
  return (
    <SidePanel
      href={href}
      icon="stepup"
      title={<Visible text={name} oneLine />}
      closeHref={closeHref}
    >
      <div className="sec">
        <KeyValue
          rows={[
            [
              'Issuer',
              <span key="issuer" className="mono">
                <Visible text={issuer.issuer} oneLine />
              </span>,
            ],
            [
              'Keys',
              jwksUrl === null ? (
                `Uploaded: ${kids.map(visibleText).join(', ')}`
              ) : (
                <span key="keys" className="mono">
                  <Visible text={jwksUrl} oneLine />
                </span>
              ),
            ],
            ['Believed since', utcTime(issuer.createdAt)],
            ['Changed', utcTime(issuer.changedAt)],
            ['Believed no more since', revokedAt === null ? null : utcTime(revokedAt)],
            [
              'Id',
              <span key="id">
                <span className="id">{id}</span>
                <CopyButton value={id} label="Copy issuer id" />
              </span>,
            ],
          ]}
        />
      </div>
      <StoppingList stopping={stopping} {...issuer} />
      {actions === null || revokedAt !== null ? null : (
        <section className="sec stack-3" aria-labelledby="issuer-acts">
          <h3 id="issuer-acts">What may be done</h3>
          <div className="row wrap">
            <ChangeIssuer
              issuer={{ id, name: visibleText(name), jwksUrl }}
              change={actions.change}
            />
            <StopDialog
              id={`revoke-issuer-${id}`}
              word="Believe no more"
              label={`Believe no more: ${visibleText(name)}`}
              title={`Believe ${visibleText(name)} no more?`}
              keep="Go on believing"
              act={actions.revoke}
              fields={{ issuerId: id }}
            >
              What it vouched for is refused at its next request, on every gateway, for good.{' '}
              {stoppingWords(issuer)}
            </StopDialog>
          </div>
        </section>
      )}
    </SidePanel>
  );
}

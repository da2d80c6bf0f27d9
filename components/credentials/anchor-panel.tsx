import { SidePanel } from '@/components/coverage/side-panel';
import { Visible } from '@/components/inventory/visible';
import { Callout } from '@/components/ui/callout';
import { CopyButton } from '@/components/ui/copy-button';
import { KeyValue } from '@/components/ui/key-value';
import type { ListedAnchor, Stopping } from '@/lib/identities/anchors/queries';
import type { PreviewAction } from '@/lib/identities/anchors/schema';
import { utcTime } from '@/lib/inventory/time';
import { visibleText } from '@/lib/inventory/visible';
import type { SettingsAction } from '@/lib/people/organisation/schema';
import { AnchorContents } from './anchor-contents';
import { anchorKindLabels } from './anchor-table';
import { ChangeAnchor } from './change-anchor';
import './credentials.css';
import { StopDialog } from './stop-dialog';
import { StoppingList, stoppingWords } from './stopping-list';

export type AnchorActions = Record<'change' | 'trim' | 'revoke', SettingsAction> & {
  read: PreviewAction;
};

/** One authority: what is believed of it, whose credentials go by it, and what may be done. */
export function AnchorPanel({
  anchor,
  stopping,
  actions,
  href,
  closeHref,
  now,
}: {
  anchor: ListedAnchor;
  stopping: readonly Stopping[];
  /** Null for whoever may not. */
  actions: AnchorActions | null;
  href: string;
  closeHref: string;
  now: Date;
}) {
  const { id, kind, name, trustDomain, certificates, keys, sequence, revokedAt } = anchor;
  const isChangeable = actions !== null && kind !== 'development' && revokedAt === null;
  return (
    <SidePanel
      href={href}
      icon="guard"
      title={<Visible text={name} oneLine />}
      closeHref={closeHref}
    >
      <div className="sec stack-3">
        {kind === 'development' ? (
          <Callout>
            The authority of this installation, for trying things out: its certificates live a day
            and are taken in zones of development only. It is not changed here.
          </Callout>
        ) : null}
        <KeyValue
          rows={[
            ['Kind', anchorKindLabels[kind]],
            ['Trust domain', trustDomain],
            ['Sequence', sequence === null ? null : String(sequence)],
            ['Believed since', utcTime(anchor.createdAt)],
            ['Changed', utcTime(anchor.changedAt)],
            ['Believed no more since', revokedAt === null ? null : utcTime(revokedAt)],
            [
              'Id',
              <span key="id">
                <span className="id">{id}</span>
                <CopyButton value={id} label="Copy authority id" />
              </span>,
            ],
          ]}
        />
      </div>
      <section className="sec stack-3" aria-labelledby="anchor-contents">
        <h3 id="anchor-contents">Certificates and keys</h3>
        <AnchorContents certificates={certificates} keys={keys} now={now} />
      </section>
      <StoppingList stopping={stopping} {...anchor} />
      {isChangeable ? (
        <section className="sec stack-3" aria-labelledby="anchor-acts">
          <h3 id="anchor-acts">What may be done</h3>
          <div className="row wrap">
            <ChangeAnchor
              anchor={{ id, kind, name: visibleText(name), trustDomain }}
              change={actions.change}
              read={actions.read}
            />
            <StopDialog
              id={`revoke-anchor-${id}`}
              word="Believe no more"
              label={`Believe no more: ${visibleText(name)}`}
              title={`Believe ${visibleText(name)} no more?`}
              keep="Go on believing"
              act={actions.revoke}
              fields={{ anchorId: id }}
            >
              What it vouched for is refused at its next request, on every gateway, for good.{' '}
              {stoppingWords(anchor)}
            </StopDialog>
          </div>
          {certificates.length + keys.length > 1 ? (
            <ul className="anchor-trim s12">
              {[
                ...certificates.map(({ subject, fingerprint }) => ({
                  label: `${subject} ${fingerprint.slice(0, 8)}…`,
                  field: 'certificate',
                  value: fingerprint,
                })),
                ...keys.map(({ kid }) => ({ label: `key ${kid}`, field: 'key', value: kid })),
              ].map(({ label, field, value }) => (
                <li key={value}>
                  <span className="cut" title={visibleText(label)}>
                    <Visible text={label} oneLine />
                  </span>
                  <StopDialog
                    id={`trim-${value.slice(0, 16)}`}
                    word="Take away"
                    label={`Take away ${visibleText(label)}`}
                    title={`Take away ${visibleText(label)}?`}
                    keep="Keep it"
                    act={actions.trim}
                    fields={{ anchorId: id, [field]: value }}
                  >
                    What it signed is refused at its next request. What the others signed goes on.
                  </StopDialog>
                </li>
              ))}
            </ul>
          ) : null}
        </section>
      ) : null}
    </SidePanel>
  );
}

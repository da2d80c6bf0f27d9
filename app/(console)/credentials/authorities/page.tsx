import type { Metadata } from 'next';
import { AnchorPanel } from '@/components/credentials/anchor-panel';
import { AnchorTable } from '@/components/credentials/anchor-table';
import { BelieveAnchor } from '@/components/credentials/believe-anchor';
import { CredentialTabs } from '@/components/credentials/credential-tabs';
import { BelieveIssuer } from '@/components/credentials/issuer-forms';
import { IssuerPanel } from '@/components/credentials/issuer-panel';
import { IssuerTable } from '@/components/credentials/issuer-table';
import '@/components/settings/settings.css';
import { PageHead } from '@/components/ui/page-head';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { listAnchors, listStopping } from '@/lib/identities/anchors/queries';
import { listIssuers } from '@/lib/identities/issuers/queries';
import { can, refusalOf } from '@/lib/people/permissions';
import {
  believeAuthority,
  believeIssuer,
  changeIssuerKeys,
  readAuthority,
  revokeAuthority,
  revokeTokenIssuer,
  rotateAuthority,
  trimAuthority,
} from './actions';

export const metadata: Metadata = { title: 'Authorities and issuers' };

const here = '/credentials/authorities';
type Params = { authority?: string | string[]; issuer?: string | string[] };

export default async function AuthoritiesPage({ searchParams }: { searchParams: Promise<Params> }) {
  const { scope, person } = await requirePerson();
  const now = systemClock();
  const [params, anchors, issuers] = await Promise.all([
    searchParams,
    listAnchors(scope, now),
    listIssuers(scope, now),
  ]);
  const anchor = anchors.find(({ id }) => id === params.authority) ?? null;
  const issuer = anchor === null ? (issuers.find(({ id }) => id === params.issuer) ?? null) : null;
  const stopping =
    anchor !== null
      ? await listStopping(scope, { by: 'anchor', id: anchor.id, now })
      : issuer !== null
        ? await listStopping(scope, { by: 'issuer', id: issuer.id, now })
        : [];
  const mayWrite = can(person, 'registry.write');
  const anchorHref = (id: string) => `${here}?authority=${id}`;
  const issuerHref = (id: string) => `${here}?issuer=${id}`;
  return (
    <>
      <PageHead
        title="Authorities and issuers"
        meta="Whose word is taken for who identities are"
        actions={
          mayWrite ? (
            <>
              <BelieveIssuer add={believeIssuer} />
              <BelieveAnchor add={believeAuthority} read={readAuthority} />
            </>
          ) : undefined
        }
      />
      <CredentialTabs />
      <div className={(anchor ?? issuer) ? 'split fit has-panel' : 'split fit'}>
        <div className="body">
          <section aria-labelledby="authorities">
            <div className="sec-head credential-head">
              <h2 id="authorities">Authorities</h2>
              <span className="t3 s12">of certificates and SVIDs</span>
            </div>
            <AnchorTable
              anchors={anchors}
              chosen={anchor?.id ?? null}
              hrefOf={anchorHref}
              now={now}
              none="No authority is believed, so no certificate proves anything yet."
            />
          </section>
          <section aria-labelledby="issuers">
            <div className="sec-head credential-head">
              <h2 id="issuers">Issuers</h2>
              <span className="t3 s12">of tokens in which a platform attests a workload</span>
            </div>
            <IssuerTable
              issuers={issuers}
              chosen={issuer?.id ?? null}
              hrefOf={issuerHref}
              none="No issuer is believed, so no federated token proves anything yet."
            />
          </section>
          {mayWrite ? null : <p className="sec t2 s12">{refusalOf('registry.write')}</p>}
        </div>
        {anchor === null ? null : (
          <AnchorPanel
            key={anchor.id}
            anchor={anchor}
            stopping={stopping}
            actions={
              mayWrite
                ? {
                    read: readAuthority,
                    change: rotateAuthority,
                    trim: trimAuthority,
                    revoke: revokeAuthority,
                  }
                : null
            }
            href={anchorHref(anchor.id)}
            closeHref={here}
            now={now}
          />
        )}
        {issuer === null ? null : (
          <IssuerPanel
            key={issuer.id}
            issuer={issuer}
            stopping={stopping}
            actions={mayWrite ? { change: changeIssuerKeys, revoke: revokeTokenIssuer } : null}
            href={issuerHref(issuer.id)}
            closeHref={here}
          />
        )}
      </div>
    </>
  );
}

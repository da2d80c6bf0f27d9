import type { Metadata } from 'next';
import { KeyForm } from '@/components/settings/key-form';
import { EndedKeyTable, KeyTable } from '@/components/settings/key-table';
import { NoPermission } from '@/components/ui/no-permission';
import { requirePerson } from '@/lib/auth/session';
import { systemClock } from '@/lib/core/clock';
import { config, gatewayUrl } from '@/lib/core/config';
import { listApiKeys } from '@/lib/people/api-keys/queries';
import { listNetworks } from '@/lib/people/networks/queries';
import { can } from '@/lib/people/permissions';
import { makeKey, revokeKey, rotateKey } from './actions';

export const metadata: Metadata = { title: 'API keys' };

export default async function KeysPage() {
  const { scope, person } = await requirePerson();
  if (!can(person, 'api_keys.write')) return <NoPermission permission="api_keys.write" />;
  const now = systemClock();
  const [{ live, ended }, networks] = await Promise.all([
    listApiKeys(scope, now),
    listNetworks(scope),
  ]);
  return (
    <>
      <div className="sec">
        <p className="t2 settings-lead">
          Machines that manage show an API key at <code>{gatewayUrl(config())}/api/v1</code>, as{' '}
          <code>authorization: Bearer slp_ak_…</code>. A key never approves, enforces, or reads
          content, and does nothing that asks a person for a fresh second factor. It ends with
          whoever made it, and is refused once they could not make it any more.
        </p>
      </div>
      <KeyTable keys={live} now={now} rotate={rotateKey} revoke={revokeKey} />
      <section className="sec">
        <KeyForm networks={networks.map(({ id, name }) => ({ id, name }))} issue={makeKey} />
      </section>
      {ended.length === 0 ? null : (
        <section aria-labelledby="ended-title">
          <div className="sec">
            <h2 id="ended-title">Ended</h2>
          </div>
          <EndedKeyTable keys={ended} now={now} />
        </section>
      )}
    </>
  );
}

import type { Metadata } from 'next';
import { OrganisationForm } from '@/components/settings/organisation-form';
import { KeyValue } from '@/components/ui/key-value';
import { requirePerson } from '@/lib/auth/session';
import { visibleText } from '@/lib/inventory/visible';
import { getSettings } from '@/lib/people/organisation/queries';
import { can, refusalOf } from '@/lib/people/permissions';
import { saveOrganisation } from './actions';

export const metadata: Metadata = { title: 'Settings' };

export default async function SettingsPage() {
  const { scope, person } = await requirePerson();
  const { organisation, timeZone } = await getSettings(scope);
  return (
    <section className="sec" aria-labelledby="organisation-title">
      <h2 id="organisation-title" className="settings-lead">
        Organisation
      </h2>
      {can(person, 'settings.write') ? (
        <OrganisationForm
          now={{ organisation, timeZone }}
          zones={zonesWith(timeZone)}
          save={saveOrganisation}
        />
      ) : (
        <>
          <div className="settings-kv">
            <KeyValue
              lined
              rows={[
                ['Name', visibleText(organisation)],
                ['Time zone', timeZone],
              ]}
            />
          </div>
          <p className="t2 s12 settings-lead">{refusalOf('settings.write')}</p>
        </>
      )}
    </section>
  );
}

const zonesWith = (current: string): string[] =>
  [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone'), current])].sort();

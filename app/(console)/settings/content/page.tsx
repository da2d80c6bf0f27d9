import type { Metadata } from 'next';
import { KeepingForm } from '@/components/settings/keeping-form';
import { KeyValue } from '@/components/ui/key-value';
import { requirePerson } from '@/lib/auth/session';
import { counted } from '@/lib/inventory/labels';
import { contentLabels } from '@/lib/people/organisation/labels';
import { getSettings } from '@/lib/people/organisation/queries';
import { can, refusalOf } from '@/lib/people/permissions';
import { previewKeeping, saveKeeping } from '../actions';

export const metadata: Metadata = { title: 'Content and retention' };

export default async function ContentPage() {
  const { scope, person } = await requirePerson();
  const { content, retentionBodyDays, retentionFactsDays } = await getSettings(scope);
  const now = { content, retentionBodyDays, retentionFactsDays };
  return (
    <section className="sec" aria-labelledby="content-title">
      <h2 id="content-title" className="settings-lead">
        Content and retention
      </h2>
      {can(person, 'settings.write') ? (
        <KeepingForm now={now} save={saveKeeping} preview={previewKeeping} />
      ) : (
        <>
          <div className="settings-kv">
            <KeyValue
              lined
              rows={[
                ['Content', `${contentLabels[content].word}. ${contentLabels[content].says}`],
                ['Content is kept', counted(retentionBodyDays, 'day')],
                ['Facts are kept', counted(retentionFactsDays, 'day')],
              ]}
            />
          </div>
          <p className="t2 s12 settings-lead">{refusalOf('settings.write')}</p>
        </>
      )}
    </section>
  );
}

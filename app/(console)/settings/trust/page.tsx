import type { Metadata } from 'next';
import { type RuleRow, ruleRows } from '@/components/trust/rule-fields';
import { RulesForm } from '@/components/trust/rules-form';
import { KeyValue } from '@/components/ui/key-value';
import { requirePerson } from '@/lib/auth/session';
import { getTrustRules } from '@/lib/identities/trust/queries';
import { counted } from '@/lib/inventory/labels';
import { can, refusalOf } from '@/lib/people/permissions';
import { previewRules, saveRules } from './actions';

export const metadata: Metadata = { title: 'Trust' };

export default async function TrustPage() {
  const { person } = await requirePerson();
  const rules = await getTrustRules();
  const rows = ruleRows(rules);
  return (
    <section className="sec" aria-labelledby="trust-title">
      <h2 id="trust-title" className="settings-lead">
        What trust is earned by
      </h2>
      <p className="t2 s12 settings-lead">
        Each active identity starts as Observed, rises to Probation and then to Trusted, one level
        at a time, and falls as soon as what it stood on is gone.
      </p>
      {can(person, 'settings.write') ? (
        <RulesForm rules={rules} save={saveRules} preview={previewRules} />
      ) : (
        <>
          <div className="settings-kv">
            <h3>For Probation</h3>
            <KeyValue lined rows={rows.probation.map(asked)} />
          </div>
          <div className="settings-kv">
            <h3>For Trusted, besides</h3>
            <KeyValue lined rows={rows.trusted.map(asked)} />
          </div>
          <p className="t2 s12 settings-lead">{refusalOf('settings.write')}</p>
        </>
      )}
    </section>
  );
}

const asked = ({ label, value }: RuleRow) =>
  [
    label,
    typeof value === 'number' ? counted(value, 'day') : value ? 'asked for' : 'not asked for',
  ] as const;

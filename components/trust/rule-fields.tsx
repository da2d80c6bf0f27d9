import { Field } from '@/components/ui/field';
import { probationRuleLabels, trustedRuleLabels } from '@/lib/identities/trust/labels';
import { fieldOf } from '@/lib/identities/trust/rules-in';
import type { TrustRules } from '@/lib/identities/trust/schema';

export type RuleRow = { name: string; label: string; says: string; value: boolean | number };

/** What each level asks for, in words, in the order of the rules. */
export const ruleRows = ({ probation, trusted }: TrustRules) =>
  ({
    probation: rowsOf(probation, probationRuleLabels),
    trusted: rowsOf(trusted, trustedRuleLabels),
  }) as const;

function rowsOf<Name extends string>(
  values: Record<Name, boolean | number>,
  labels: Record<Name, { label: string; says: string }>,
): RuleRow[] {
  // The keys of an exhaustive record are its names.
  return (Object.keys(labels) as Name[]).map((name) => ({
    ...labels[name],
    name,
    value: values[name],
  }));
}

/** The rules of one level: what it asks for, and for how long. */
export function RuleFields({
  level,
  legend,
  rows,
}: {
  level: keyof TrustRules;
  legend: string;
  rows: readonly RuleRow[];
}) {
  return (
    <fieldset>
      <legend className="label">{legend}</legend>
      {rows.map(({ name, label, says, value }) => {
        const field = fieldOf(level, name);
        return typeof value === 'number' ? null : (
          <div key={name} className="settings-choice">
            <input
              id={field}
              type="checkbox"
              name={field}
              value="yes"
              defaultChecked={value}
              aria-describedby={`${field}-says`}
            />
            <label htmlFor={field}>{label}</label>
            <p className="says s12 t3" id={`${field}-says`}>
              {says}
            </p>
          </div>
        );
      })}
      <div className="settings-pair">
        {rows.map(({ name, label, says, value }) =>
          typeof value === 'boolean' ? null : (
            <Field
              key={name}
              id={fieldOf(level, name)}
              name={fieldOf(level, name)}
              label={label}
              help={says}
              type="number"
              inputMode="numeric"
              min={0}
              max={365}
              step={1}
              required
              defaultValue={value}
            />
          ),
        )}
      </div>
    </fieldset>
  );
}

/** What was looked at, so that nobody overwrites what they have not seen. */
export function SeenRules({ rules }: { rules: TrustRules }) {
  const rows = ruleRows(rules);
  return (['probation', 'trusted'] as const).flatMap((level) =>
    rows[level].map(({ name, value }) =>
      value === false ? null : (
        <input
          key={`${level}.${name}`}
          type="hidden"
          name={fieldOf(level, name, 'before.')}
          value={value === true ? 'yes' : value}
        />
      ),
    ),
  );
}

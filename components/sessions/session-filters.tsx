import { Button } from '@/components/ui/button';
import { Field, SelectField } from '@/components/ui/field';
import { firstPreset, presets } from '@/lib/inventory/address';
import { presetLabels } from '@/lib/inventory/labels';
import { actors, intervalOf, type SessionsView } from '@/lib/inventory/sessions/address';
import { actorLabels } from '@/lib/inventory/sessions/labels';

/** What the list is narrowed by; a plain form, so that the address says it. */
export function SessionFilters({
  view: { filter, range },
  identities,
}: {
  view: SessionsView;
  identities: ReadonlyMap<string, string>;
}) {
  const { identity, actor, hasErrors } = filter;
  return (
    <search className="session-filters">
      <form className="session-filters" action="/sessions" method="get">
        <Field
          id="session-identity"
          name="identity"
          label="Identity"
          list="session-identities"
          defaultValue={identity === null ? '' : (identities.get(identity) ?? identity)}
          autoComplete="off"
          maxLength={256}
        />
        <datalist id="session-identities">
          {[...identities.values()].slice(0, 500).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <SelectField id="session-actor" name="actor" label="Who acts" defaultValue={actor ?? ''}>
          <option value="">Anybody</option>
          {actors.map((name) => (
            <option key={name} value={name}>
              {actorLabels[name]}
            </option>
          ))}
        </SelectField>
        <SelectField
          id="session-range"
          name="from"
          label="Active within"
          defaultValue={range.preset === firstPreset ? '' : (range.preset ?? intervalOf(range))}
        >
          {range.preset === null ? (
            <option value={intervalOf(range)}>The range in the address</option>
          ) : null}
          {presets.map((name) => (
            <option key={name} value={name === firstPreset ? '' : name}>
              {presetLabels[name]}
            </option>
          ))}
        </SelectField>
        <label className="check">
          <input type="checkbox" name="errors" value="yes" defaultChecked={hasErrors} />
          With errors
        </label>
        <Button type="submit">Apply</Button>
      </form>
    </search>
  );
}

'use client';

import Link from 'next/link';
import { useRef } from 'react';
import { Button, buttonClass } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Refusal } from '@/components/ui/outcome';
import { useKeptForm } from '@/components/ui/use-kept-form';
import type { Price, PriceAction } from '@/lib/inventory/prices/schema';

/** Sets one price; one that is chosen in the table is there to be changed. */
export function PriceForm({ chosen, save }: { chosen: Price | null; save: PriceAction }) {
  const fields = useRef<HTMLFormElement>(null);
  const { state, isPending, form } = useKeptForm<string>(async (last, data) => {
    const saved = await save(last, data);
    if (saved.ok && chosen === null) fields.current?.reset();
    return saved;
  });
  return (
    <form {...form} ref={fields} className="price-form" aria-labelledby="price-title">
      <h2 id="price-title">{chosen === null ? 'Set a price' : 'Change a price'}</h2>
      <div className="price-amounts">
        <Field
          id="price-model"
          name="model"
          label="Model"
          help="As telemetry names it; an asterisk at the end stands for any ending"
          defaultValue={chosen?.model ?? ''}
          readOnly={chosen !== null}
          required
          maxLength={256}
          autoComplete="off"
          spellCheck={false}
        />
        <Field
          id="price-provider"
          name="provider"
          label="Provider"
          help="Empty for any"
          defaultValue={chosen?.provider ?? ''}
          readOnly={chosen !== null}
          maxLength={256}
          autoComplete="off"
          spellCheck={false}
        />
      </div>
      <div className="price-amounts">
        <Amount name="input" label="Input" value={chosen?.inputPerMillion} required />
        <Amount name="output" label="Output" value={chosen?.outputPerMillion} required />
        <Amount name="cacheRead" label="Cache read" value={chosen?.cacheReadPerMillion} />
        <Amount name="cacheWrite" label="Cache write" value={chosen?.cacheWritePerMillion} />
      </div>
      <Refusal state={state} />
      <div className="foot">
        <Button type="submit" variant="primary" unavailable={isPending ? 'Being saved' : undefined}>
          {chosen === null ? 'Set price' : 'Change price'}
        </Button>
        {chosen === null ? null : (
          <Link className={buttonClass()} href="/settings/prices">
            Set another
          </Link>
        )}
        <span className="s12 t2" role="status">
          {state?.ok === true ? state.value : ''}
        </span>
      </div>
    </form>
  );
}

function Amount({
  name,
  label,
  value,
  required = false,
}: {
  name: string;
  label: string;
  value: number | null | undefined;
  required?: boolean;
}) {
  return (
    <Field
      id={`price-${name}`}
      name={name}
      label={label}
      help={required ? 'US dollars a million tokens' : 'Empty: as other input'}
      type="number"
      inputMode="decimal"
      min={0}
      max={1_000_000}
      step="any"
      required={required}
      defaultValue={value ?? ''}
    />
  );
}

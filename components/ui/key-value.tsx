import { Fragment, type ReactNode } from 'react';

/** Facts as terms and values; a row whose value is null is left out. */
export function KeyValue({
  rows,
  lined = false,
}: {
  rows: readonly (readonly [term: string, value: ReactNode])[];
  lined?: boolean;
}) {
  return (
    <dl className={lined ? 'kv lined' : 'kv'}>
      {rows.map(([term, value]) =>
        value === null ? null : (
          <Fragment key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}

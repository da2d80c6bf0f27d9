import type { ComponentProps, ReactNode } from 'react';
import { Icon } from './icon';

type Around = { id: string; label: string; help?: ReactNode; error?: string | undefined };

function described({ id, help, error }: Pick<Around, 'id' | 'help' | 'error'>) {
  const ids = [error === undefined ? [] : `${id}-error`, help === undefined ? [] : `${id}-help`];
  const list = ids.flat().join(' ');
  return {
    ...(list === '' ? {} : { 'aria-describedby': list }),
    ...(error === undefined ? {} : { 'aria-invalid': true }),
  };
}

function FieldFrame({ id, label, help, error, children }: Around & { children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {error === undefined ? null : (
        <p className="err" id={`${id}-error`}>
          <Icon name="anomaly" size={14} />
          {error}
        </p>
      )}
      {help === undefined ? null : (
        <p className="help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

/** A labelled input; `error` names the way out and is tied to the input for screen readers. */
export function Field({
  label,
  help,
  error,
  large = false,
  id,
  ...input
}: Around & { large?: boolean } & ComponentProps<'input'>) {
  return (
    <FieldFrame id={id} label={label} help={help} error={error}>
      <input
        {...input}
        id={id}
        className={large ? 'input lg' : 'input'}
        {...described({ id, help, error })}
      />
    </FieldFrame>
  );
}

export function SelectField({
  label,
  help,
  error,
  large = false,
  id,
  children,
  ...select
}: Around & { large?: boolean; children: ReactNode } & ComponentProps<'select'>) {
  return (
    <FieldFrame id={id} label={label} help={help} error={error}>
      <select
        {...select}
        id={id}
        className={large ? 'select lg' : 'select'}
        {...described({ id, help, error })}
      >
        {children}
      </select>
    </FieldFrame>
  );
}

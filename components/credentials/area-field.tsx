import type { ComponentProps } from 'react';

/** A labelled field of several lines. */
export function AreaField({
  id,
  label,
  help,
  ...area
}: { id: string; label: string; help?: string } & ComponentProps<'textarea'>) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        rows={5}
        {...area}
        id={id}
        className="input mono"
        spellCheck={false}
        autoComplete="off"
        {...(help === undefined ? {} : { 'aria-describedby': `${id}-help` })}
      />
      {help === undefined ? null : (
        <p className="help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

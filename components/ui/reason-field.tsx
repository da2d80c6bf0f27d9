import { Field } from './field';

/** Every change says why. */
export function ReasonField({
  id,
  placeholder,
  help,
}: {
  id: string;
  placeholder?: string | undefined;
  help?: string;
}) {
  return (
    <Field
      id={id}
      name="reason"
      label="Reason, kept in the log for ever"
      placeholder={placeholder}
      help={help}
      required
      maxLength={1000}
      autoComplete="off"
    />
  );
}

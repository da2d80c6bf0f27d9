'use client';

import { useRef, useState } from 'react';
import { AreaField } from './area-field';

/** Text that is pasted, or read here from a file: only its text is sent. */
export function UploadArea({
  id,
  name,
  label,
  help,
  placeholder,
  max,
  required = true,
  onText,
}: {
  id: string;
  name: string;
  label: string;
  help: string;
  placeholder: string;
  /** Characters at most. */
  max: number;
  required?: boolean;
  onText?: () => void;
}) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [problem, setProblem] = useState('');
  const readFile = async (file: File | undefined) => {
    if (file === undefined || area.current === null) return;
    if (file.size > max) {
      setProblem(`${file.name} is larger than ${max / 1024} kB, which is the most that is taken.`);
      return;
    }
    area.current.value = await file.text();
    setProblem('');
    onText?.();
  };
  return (
    <>
      <AreaField
        ref={area}
        id={id}
        name={name}
        label={label}
        help={help}
        placeholder={placeholder}
        maxLength={max}
        required={required}
        onChange={onText}
      />
      <input
        type="file"
        className="s12"
        aria-label={`${label}, from a file`}
        onChange={({ target }) => void readFile(target.files?.[0])}
      />
      {problem === '' ? null : (
        <p className="s12 tone-critical" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

'use client';

import { announce } from './announce';
import { buttonClass } from './button';
import { Icon } from './icon';

async function copy(value: string) {
  try {
    await navigator.clipboard.writeText(value);
    announce('Copied');
  } catch {
    announce('The browser refused to copy. Select the text and copy it yourself.');
  }
}

/** A 24 px target beside the value. `label` says what is copied: "Copy session id". */
export function CopyButton({ value, label }: { value: string; label: string }) {
  return (
    <button type="button" className="copy" aria-label={label} onClick={() => copy(value)}>
      <Icon name="copy" size={12} />
    </button>
  );
}

/** The same with a word, for the head of a code block. */
export function CopyTextButton({ value, label }: { value: string; label: string }) {
  return (
    <button
      type="button"
      className={buttonClass({ variant: 'ghost', size: 'small' })}
      aria-label={label}
      onClick={() => copy(value)}
    >
      <Icon name="copy" size={12} />
      Copy
    </button>
  );
}

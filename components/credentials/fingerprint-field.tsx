'use client';

import { useState } from 'react';
import { Callout } from '@/components/ui/callout';
import { Field } from '@/components/ui/field';

/** Below this a secret can be found by trying until the fingerprint fits. */
const strongMin = 20;

/**
 * A fingerprint that is made here, in the browser: the field for the secret has no name, so no form sends it, and it is
 * emptied as soon as it was read.
 */
export function FingerprintField({ id }: { id: string }) {
  const [fingerprint, setFingerprint] = useState('');
  const [isWeak, setWeak] = useState(false);
  const read = async (input: HTMLInputElement) => {
    const secret = input.value.trim();
    input.value = '';
    if (secret === '') return;
    setFingerprint(await sha256(secret));
    setWeak(secret.length < strongMin || new Set(secret).size < strongMin / 2);
  };
  return (
    <>
      <Field
        id={`${id}-secret`}
        label="The secret, which does not leave this browser"
        type="password"
        autoComplete="off"
        spellCheck={false}
        help="Paste it and leave the field: its SHA-256 is worked out here and the field is emptied."
        onBlur={({ currentTarget }) => void read(currentTarget)}
      />
      <Field
        id={`${id}-fingerprint`}
        name="fingerprint"
        label="Fingerprint, SHA-256 in hexadecimal"
        value={fingerprint}
        onChange={({ target }) => setFingerprint(target.value)}
        required
        maxLength={95}
        autoComplete="off"
        spellCheck={false}
        help="Or made elsewhere: printf %s &quot;$SECRET&quot; | sha256sum"
      />
      <div aria-live="polite">
        {isWeak ? (
          <Callout tone="review">
            This secret is short or repeats itself: whoever sees its fingerprint could find it by
            trying. Have a longer one made first.
          </Callout>
        ) : null}
      </div>
    </>
  );
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

'use server';

import { revalidatePath } from 'next/cache';
import { linesIn, textIn } from '@/app/(console)/fields';
import { act } from '@/lib/auth/act';
import type { Acted } from '@/lib/core/result';
import { askProbe, setExternalApi } from '@/lib/identities/external/mutations';
import type { SetExternalApi } from '@/lib/identities/external/schema';

const pageOf = (id: string) => `/identities/${id}/origin`;

/** Says where an external API answers from and how what it signs is verified. */
export async function saveOrigin(
  _last: Acted<string> | null,
  form: FormData,
): Promise<Acted<string>> {
  return act({ name: 'external_api_change', permission: 'registry.write' }, async (ctx) => {
    const identityId = textIn(form, 'identityId');
    const authority = textIn(form, 'authority');
    const isListed = !['system', 'kept', 'pasted', ''].includes(authority);
    const secrets = linesIn(form, 'secrets');
    await setExternalApi(ctx, {
      identityId,
      hosts: linesIn(form, 'hosts', /[\s,]+/),
      pins: linesIn(form, 'pins', /[\s,]+/),
      anchorId: isListed ? authority : null,
      authority: authority === 'pasted' ? textIn(form, 'pem') : null,
      keepsAuthority: authority === 'kept',
      verifier: verifierIn(form),
      secrets: secrets.length === 0 ? null : secrets,
      seenAt: textIn(form, 'seenAt') || null,
      reason: textIn(form, 'reason'),
    });
    revalidatePath(pageOf(identityId));
    return 'Saved. Its hosts are being asked.';
  });
}

function verifierIn(form: FormData): SetExternalApi['verifier'] {
  switch (textIn(form, 'verifier')) {
    case 'standard_webhooks':
      return { kind: 'standard_webhooks', keys: keysIn(textIn(form, 'webhookKeys')) };
    case 'message_signatures': {
      const all = (field: string) => form.getAll(field).map((each) => String(each).trim());
      const [ids, algorithms, publicKeys] = [all('keyid'), all('algorithm'), all('publicKey')];
      return {
        kind: 'message_signatures',
        keys: ids.flatMap((keyid, index) => {
          const publicKey = publicKeys[index] ?? '';
          // What is none of the algorithms is refused by the schema.
          const algorithm = (algorithms[index] ?? '') as 'ed25519';
          return keyid === '' && publicKey === '' ? [] : [{ keyid, algorithm, publicKey }];
        }),
        components: linesIn(form, 'components', /[\s,]+/),
      };
    }
    default:
      return null;
  }
}

/** Each block of PEM, and each `whpk_` beside them. */
const keysIn = (text: string): string[] =>
  text === '' ? [] : (text.match(/-----BEGIN[\s\S]*?-----END[^\n]*|\S+/g) ?? []);

/** Has its hosts asked now. */
export async function askHosts(
  _last: Acted<string> | null,
  form: FormData,
): Promise<Acted<string>> {
  return act({ name: 'external_probe', permission: 'registry.propose' }, async (ctx) => {
    const id = textIn(form, 'identityId');
    await askProbe(ctx, id);
    revalidatePath(pageOf(id));
    return 'They are being asked. Load the page again in a moment.';
  });
}

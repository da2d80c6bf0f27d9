'use server';

import { revalidatePath } from 'next/cache';
import { act } from '@/lib/auth/act';
import { config } from '@/lib/core/config';
import { parseNetworks } from '@/lib/core/network';
import type { Acted } from '@/lib/core/result';
import {
  addAnchor,
  changeAnchor,
  previewAnchor,
  revokeAnchor,
  trimAnchor,
} from '@/lib/identities/anchors/mutations';
import type { AddAnchor, AnchorPreview } from '@/lib/identities/anchors/schema';
import { addIssuer, changeIssuer, revokeIssuer } from '@/lib/identities/issuers/mutations';
import { textIn } from '../../fields';

type Said = Acted<string>;
const changed = () => revalidatePath('/credentials', 'layout');
const asking = () => ({ networks: parseNetworks(config().FEDERATION_NETWORKS) });

/** What would be believed of what was uploaded; nothing is kept. */
export async function readAuthority(form: FormData): Promise<Acted<AnchorPreview>> {
  return act({ name: 'anchor_read', permission: 'registry.write' }, async (ctx) =>
    previewAnchor(ctx, {
      kind: textIn(form, 'kind') === 'spiffe' ? 'spiffe' : 'ca',
      trustDomain: textIn(form, 'trustDomain'),
      text: textIn(form, 'text'),
    }),
  );
}

export async function believeAuthority(_last: Said | null, form: FormData): Promise<Said> {
  return act({ name: 'anchor_add', permission: 'registry.write' }, async (ctx) => {
    const kind = textIn(form, 'kind');
    const given = {
      // What is neither is refused by the schema.
      kind,
      name: textIn(form, 'name'),
      text: textIn(form, 'text'),
      reason: textIn(form, 'reason'),
      ...(kind === 'spiffe' ? { trustDomain: textIn(form, 'trustDomain') } : {}),
    };
    await addAnchor(ctx, given as AddAnchor);
    changed();
    return 'Believed. Every gateway takes what it vouches for.';
  });
}

/** Believes other certificates or keys of an authority. */
export async function rotateAuthority(_last: Said | null, form: FormData): Promise<Said> {
  return act({ name: 'anchor_change', permission: 'registry.write' }, async (ctx) => {
    await changeAnchor(ctx, {
      anchorId: textIn(form, 'anchorId'),
      text: textIn(form, 'text'),
      keepsFormer: textIn(form, 'keepsFormer') === 'yes',
      reason: textIn(form, 'reason'),
    });
    changed();
    return 'Changed.';
  });
}

/** Takes one certificate or key of an authority away. */
export async function trimAuthority(_last: Said | null, form: FormData): Promise<Said> {
  return act({ name: 'anchor_trim', permission: 'registry.write' }, async (ctx) => {
    await trimAnchor(ctx, {
      anchorId: textIn(form, 'anchorId'),
      certificates: form.getAll('certificate').map(String),
      keys: form.getAll('key').map(String),
      reason: textIn(form, 'reason'),
    });
    changed();
    return 'Taken away. What it signed is refused from the next request on.';
  });
}

export async function revokeAuthority(_last: Said | null, form: FormData): Promise<Said> {
  return act({ name: 'anchor_revoke', permission: 'registry.write' }, async (ctx) => {
    await revokeAnchor(ctx, {
      anchorId: textIn(form, 'anchorId'),
      reason: textIn(form, 'reason'),
    });
    changed();
    return 'Believed no more. What it vouched for is refused from the next request on.';
  });
}

export async function believeIssuer(_last: Said | null, form: FormData): Promise<Said> {
  return act({ name: 'issuer_add', permission: 'registry.write' }, async (ctx) => {
    await addIssuer(
      { ...ctx, asking: asking() },
      {
        name: textIn(form, 'name'),
        issuer: textIn(form, 'issuer'),
        jwksUrl: textIn(form, 'jwksUrl'),
        jwks: textIn(form, 'jwks'),
        reason: textIn(form, 'reason'),
      },
    );
    changed();
    return 'Believed. Every gateway takes its tokens.';
  });
}

/** Takes the keys of an issuer from elsewhere, or other ones. */
export async function changeIssuerKeys(_last: Said | null, form: FormData): Promise<Said> {
  return act({ name: 'issuer_change', permission: 'registry.write' }, async (ctx) => {
    await changeIssuer(
      { ...ctx, asking: asking() },
      {
        issuerId: textIn(form, 'issuerId'),
        jwksUrl: textIn(form, 'jwksUrl'),
        jwks: textIn(form, 'jwks'),
        reason: textIn(form, 'reason'),
      },
    );
    changed();
    return 'Changed.';
  });
}

export async function revokeTokenIssuer(_last: Said | null, form: FormData): Promise<Said> {
  return act({ name: 'issuer_revoke', permission: 'registry.write' }, async (ctx) => {
    await revokeIssuer(ctx, {
      issuerId: textIn(form, 'issuerId'),
      reason: textIn(form, 'reason'),
    });
    changed();
    return 'Believed no more. Its tokens are refused from the next request on.';
  });
}

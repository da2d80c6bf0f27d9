const base = '/api/auth';

export const unreachableSentence = 'The console did not answer. Try again in a moment.';

/**
 * Sends this browser to the issuer, and from there back to `target`, a path of this console. Returns the sentence why
 * not; while it is on its way, null. `isFresh` has the issuer prove the person anew, whatever it remembers. By fetch:
 * the content security policy lets no form lead elsewhere.
 */
export async function startSso(
  target: string,
  { isFresh = false }: { isFresh?: boolean } = {},
): Promise<string | null> {
  try {
    const { csrfToken } = await (await fetch(`${base}/csrf`)).json();
    const response = await fetch(`${base}/signin/sso`, {
      method: 'POST',
      body: new URLSearchParams({
        csrfToken,
        callbackUrl: target,
        json: 'true',
        ...(isFresh ? { fresh: 'true' } : {}),
      }),
    });
    const { url } = await response.json();
    location.assign(url);
    return null;
  } catch {
    return unreachableSentence;
  }
}

import { comesBySsoSentence, waitSentence, wrongSentence } from './throttle';

const base = '/api/auth';
const unreachable = 'The console did not answer. Try again in a moment.';

/** Signs this browser in by next-auth's credentials flow; returns null, or the sentence why not. */
export async function signInFromBrowser(email: string, password: string): Promise<string | null> {
  try {
    const { csrfToken } = await (await fetch(`${base}/csrf`)).json();
    const response = await fetch(`${base}/callback/password`, {
      method: 'POST',
      body: new URLSearchParams({ csrfToken, email, password, json: 'true' }),
    });
    const { url } = await response.json();
    return response.ok
      ? null
      : readOutcome(new URL(url, location.origin).searchParams.get('error'));
  } catch {
    return unreachable;
  }
}

/** The sentence for a code of `authorize`; a code that it never gives is an outage, not a wrong password. */
export function readOutcome(code: string | null): string {
  if (code === 'wrong') return wrongSentence;
  if (code === 'sso') return comesBySsoSentence;
  const wait = /^throttled:(\d{1,4})$/.exec(code ?? '');
  return wait === null ? unreachable : waitSentence(Number(wait[1]));
}

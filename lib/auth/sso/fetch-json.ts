import { SsoError } from './refusals';

const timeoutMs = 5_000;
const bytesMax = 1_048_576;

type Asked = { method?: 'GET' | 'POST'; headers?: Record<string, string>; body?: string };

/**
 * Asks the issuer: no redirects, 5 s and 1 MiB at most, JSON alone. Any status is returned; what does not answer so
 * throws `unreachable`.
 */
export async function fetchJson(
  url: string,
  asked: Asked = {},
): Promise<{ status: number; body: unknown }> {
  const { origin } = new URL(url);
  const giveUp = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  // Beside the signal, which a body that stalls need not heed (Node 20).
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new SsoError('unreachable', `${origin} took longer than ${timeoutMs} ms`));
      giveUp.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([ask(url, asked, giveUp.signal), deadline]);
  } catch (error) {
    giveUp.abort();
    if (error instanceof SsoError) throw error;
    throw new SsoError('unreachable', `${origin} gave no answer`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function ask(url: string, { headers, ...asked }: Asked, signal: AbortSignal) {
  const response = await fetch(url, {
    ...asked,
    headers: { accept: 'application/json', ...headers },
    redirect: 'error',
    cache: 'no-store',
    signal,
  });
  const body: unknown = JSON.parse(await readText(response));
  return { status: response.status, body };
}

async function readText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  // A response has no typed body for `for await` in every runtime's types; a reader is the same everywhere.
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    bytes += part.value.byteLength;
    if (bytes > bytesMax) {
      await reader?.cancel();
      throw new SsoError('unreachable', `${new URL(response.url).origin} answers without end`);
    }
    parts.push(part.value);
  }
  return Buffer.concat(parts).toString('utf8');
}

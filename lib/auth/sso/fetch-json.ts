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
  { headers, ...asked }: Asked = {},
): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(url, {
      ...asked,
      headers: { accept: 'application/json', ...headers },
      redirect: 'error',
      cache: 'no-store',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, body: JSON.parse(await readText(response)) };
  } catch (error) {
    if (error instanceof SsoError) throw error;
    throw new SsoError('unreachable', `${new URL(url).origin} gave no answer`, { cause: error });
  }
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

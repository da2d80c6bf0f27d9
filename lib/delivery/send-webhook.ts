import type { Config } from '@/lib/core/config';
import { AppError } from '@/lib/core/errors';
import { parseNetworks } from '@/lib/core/network';
import { fetchOutside, type Resolve } from '@/lib/core/outbound';
import type { Sending } from './sending';
import { signWebhook } from './sign';

const gone = 410;

type Post = { id: string; url: string; secret: string; payload: string; at: Date };

/** Posts one signed message. Taken is any status of 2xx; what the answer says is nobody's concern. */
export async function sendWebhook(
  { WEBHOOK_NETWORKS }: Pick<Config, 'WEBHOOK_NETWORKS'>,
  { id, url, secret, payload, at }: Post,
  resolve?: Resolve,
): Promise<Sending> {
  try {
    const { status } = await fetchOutside(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Sallyport',
        ...signWebhook(secret, { id, payload, at }),
      },
      body: payload,
      networks: parseNetworks(WEBHOOK_NETWORKS),
      ...(resolve === undefined ? {} : { resolve }),
    });
    if (status >= 200 && status < 300) return { ok: true };
    if (status === gone)
      return { ok: false, error: 'It answered 410: it wants nothing any more.', isFinal: true };
    const why = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
    return { ok: false, error: `It answered ${status}${why}.` };
  } catch (error) {
    if (error instanceof AppError) return { ok: false, error: error.message };
    throw error;
  }
}

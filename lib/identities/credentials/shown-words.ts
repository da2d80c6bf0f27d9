import type { ListedCredential } from './listed';
import { FederatedRule } from './schema';

const spiffeMax = 40;
const tailMax = 28;

/** What a proof shows, as a cell of a table has room for it: what tells it from others stands in it. */
export function shownWords({ kind, shows }: Pick<ListedCredential, 'kind' | 'shows'>): string {
  if (kind === 'federated') return claimsWords(shows) ?? shows;
  if (!shows.startsWith('spiffe://') || shows.length <= spiffeMax) return shows;
  const tail = shows.slice(-tailMax);
  const slash = tail.indexOf('/');
  return `spiffe://…${slash < 0 ? tail : tail.slice(slash)}`;
}

/** `environment=production repository_id=123`, out of the rule as it is written down. */
function claimsWords(subject: string): string | null {
  try {
    const { claims } = FederatedRule.parse(JSON.parse(subject));
    return claims.map(({ name, values }) => `${name}=${values.join('|')}`).join(' ');
  } catch {
    return null;
  }
}

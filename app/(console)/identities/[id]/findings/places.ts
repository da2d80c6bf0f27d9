import type { Finding } from '@/lib/identities/registry/findings';

/** Where a finding is mended or looked into. */
export const placesOf =
  (id: string, mayWrite: boolean) =>
  ({ name }: Finding): { href: string; word: string } | null => {
    switch (name) {
      case 'origin':
        return { href: `/identities/${id}/origin`, word: 'See its hosts' };
      case 'unowned':
      case 'no_sponsor':
        return mayWrite ? { href: `/identities/${id}/change`, word: 'Say who' } : null;
      case 'no_proof':
      case 'expiring':
      case 'bearer_only':
      case 'overdue_secrets':
        return { href: `/identities/${id}/credentials`, word: 'See its credentials' };
      case 'refused':
        return { href: `/audit?subject=${id}&what=authentication_refused`, word: 'See each' };
      case 'unexpected':
        return { href: `/identities/${id}/access`, word: 'See all it touched' };
    }
  };

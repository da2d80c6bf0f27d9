import { State } from '@/components/ui/badge';
import { identityStateLabels } from '@/lib/identities/labels';
import type { IdentityState } from '@/lib/identities/schema';

export function IdentityStateWord({ state, title }: { state: IdentityState; title?: string }) {
  const { word, tone } = identityStateLabels[state];
  return (
    <State tone={tone} title={title}>
      {word}
    </State>
  );
}

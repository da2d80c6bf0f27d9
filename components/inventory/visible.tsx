'use client';

import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { redactedKinds, type Segment, visibleSegments } from '@/lib/inventory/visible';

const Kinds = createContext(redactedKinds(null));

/** Around the words of one interaction: what was `redacted` of it is badged, and nothing else is. */
export function Redactions({
  redacted,
  children,
}: {
  redacted: string | null;
  children: ReactNode;
}) {
  const kinds = useMemo(() => redactedKinds(redacted), [redacted]);
  return <Kinds value={kinds}>{children}</Kinds>;
}

/**
 * Words that somebody else wrote. What hides, reorders or commands is shown as a label; direction never
 * leaks out of it into the words around.
 */
export function Visible({ text, oneLine = false }: { text: string; oneLine?: boolean }) {
  const segments = visibleSegments(text, oneLine, useContext(Kinds));
  return <bdi>{segments.map((segment, index) => part(segment, index))}</bdi>;
}

function part(segment: Segment, index: number) {
  if (segment.kind === 'text') return segment.text;
  return (
    <span
      // Segments of a text never move; their place is what they are.
      key={`${index}-${segment.kind}`}
      className={segment.kind === 'redacted' ? 'redacted' : 'named-char'}
      title={segment.name}
    >
      {segment.kind === 'redacted' ? `redacted ${segment.text}` : segment.text}
    </span>
  );
}

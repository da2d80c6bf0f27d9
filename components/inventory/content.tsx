'use client';

import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { CopyButton } from '@/components/ui/copy-button';
import { Icon } from '@/components/ui/icon';
import { KeyValue } from '@/components/ui/key-value';
import { bodyLabels, bodyOrder, thousands } from '@/lib/inventory/labels';
import { Content, type Sealed } from '@/lib/inventory/schema';
import { utcTime } from '@/lib/inventory/time';
import type { BodyRole } from '@/lib/telemetry/schema';
import { BodyView } from './body-view';
import { LiveError, readLive } from './live';

/** Opening content is on record, so what a reader only walks past is not opened. */
const settleMs = 350;

type Opened = Extract<Content, { state: 'open' }>['bodies'][number];

/** What an interaction says: error, input, output, instructions, tools; raw attributes folded. */
export function ContentSections({ id }: { id: string }) {
  const [settled, setSettled] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(id), settleMs);
    return () => clearTimeout(timer);
  }, [id]);
  const { data, error, refetch } = useQuery({
    queryKey: ['content', id],
    queryFn: ({ signal }) => readLive(Content, `/api/live/content?id=${id}`, signal),
    enabled: settled === id,
    staleTime: 300_000,
  });
  if (error !== null) return <ContentFailure error={error} retry={() => void refetch()} />;
  if (data === undefined) return <p className="sec t3 s12">Opening input and output</p>;
  if (data.state === 'gone') return <Note>{goneSentence(data)}</Note>;
  if (data.bodies.length === 0) return <p className="sec t3 s12">No input or output was sent.</p>;
  if (data.state === 'withheld') {
    return (
      <>
        <Note>{`${data.message} Sizes and digests are shown.`}</Note>
        {inOrder(data.bodies).map((body) => (
          <SealedSection key={body.role} body={body} />
        ))}
      </>
    );
  }
  return inOrder(data.bodies).map((body) => <Section key={body.role} id={id} body={body} />);
}

const inOrder = <Body extends Sealed>(bodies: readonly Body[]): Body[] =>
  bodyOrder.flatMap((role) => bodies.filter((body) => body.role === role));

/** What is there, how long it is, and what the log commits to of it. */
function SealedSection({ body }: { body: Sealed }) {
  return (
    <section className="sec">
      <div className="sec-head">
        <h3>{bodyLabels[body.role]}</h3>
        <span className="more t3 s11">{thousands(body.bytes)} bytes</span>
      </div>
      <Digest body={body} />
    </section>
  );
}

const Digest = ({ body: { role, digest } }: { body: Sealed }) => (
  <KeyValue
    rows={[
      [
        'Digest',
        <>
          <span className="id">{digest}</span>
          <CopyButton value={digest} label={`Copy digest of ${bodyLabels[role].toLowerCase()}`} />
        </>,
      ],
    ]}
  />
);

function Section({ id, body }: { id: string; body: Opened }) {
  const [whole, setWhole] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const label = bodyLabels[body.role];
  const text = whole ?? body.text;
  const isCut = whole === null && text !== null && text.length < body.chars;
  async function showAll() {
    try {
      setWhole(await readWhole(id, body.role));
    } catch (error) {
      setProblem(
        error instanceof LiveError ? error.message : 'The console did not answer. Try again.',
      );
    }
  }
  const inside =
    text === null ? (
      <>
        <p className="t3 s12">Only its size and digest are kept.</p>
        <Digest body={body} />
      </>
    ) : (
      <>
        <BodyView text={text} label={label} />
        {isCut ? (
          <p className="show-more">
            <Button size="small" onClick={() => void showAll()}>
              Show all {thousands(body.chars)} characters
            </Button>
          </p>
        ) : null}
        {problem === null ? null : <p className="tone-critical s12">{problem}</p>}
      </>
    );
  const size = `${thousands(body.bytes)} bytes`;
  if (body.role === 'attributes') {
    return (
      <details className="sec">
        <summary>
          <Icon name="right" size={12} className="chev" />
          <h3>{label}</h3>
          <span className="t3 s12">{size}</span>
        </summary>
        {inside}
      </details>
    );
  }
  return (
    <section className="sec">
      <div className="sec-head">
        <h3>{label}</h3>
        <span className="more t3 s11">{size}</span>
      </div>
      {inside}
    </section>
  );
}

async function readWhole(id: string, role: BodyRole): Promise<string | null> {
  const content = await readLive(Content, `/api/live/content?id=${id}&whole=${role}`);
  return content.state === 'open'
    ? (content.bodies.find((body) => body.role === role)?.text ?? null)
    : null;
}

export function goneSentence(gone: {
  cause: 'erased' | 'retention' | 'unknown';
  erasedAt: string | null;
  by: string | null;
  reason: string | null;
}): string {
  const at = gone.erasedAt === null ? '' : ` on ${utcTime(new Date(gone.erasedAt))}`;
  if (gone.cause === 'erased')
    return `Erased${at} by ${gone.by}: ${gone.reason} The proof still holds.`;
  if (gone.cause === 'retention')
    return `Its day was removed by retention${at}. The proof still holds.`;
  return 'It is no longer kept. The proof still holds.';
}

const Note = ({ children }: { children: string }) => (
  <div className="sec">
    <Callout>{children}</Callout>
  </div>
);

function ContentFailure({ error, retry }: { error: Error; retry: () => void }) {
  const requestId = error instanceof LiveError ? error.requestId : null;
  return (
    <div className="sec stack">
      <Callout tone="critical">
        Input and output could not be opened. {error instanceof LiveError ? error.message : ''}
        {requestId === null ? null : <span className="mono"> {requestId}</span>}
      </Callout>
      <p>
        <Button onClick={retry}>Try again</Button>
      </p>
    </div>
  );
}

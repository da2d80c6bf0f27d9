'use client';

import { useMemo, useState } from 'react';
import { Button } from '@/components/ui/button';
import { type Message, type Part, readBody } from '@/lib/inventory/conversation';
import { thousands } from '@/lib/inventory/labels';
import { contentCharsMax } from '@/lib/inventory/schema';
import { Visible } from './visible';

const stepChars = 200_000;

/** Text of any length and any intent: only so much of it is on the page at once. */
function Long({ text, first = contentCharsMax }: { text: string; first?: number }) {
  const [shown, setShown] = useState(first);
  const rest = text.length - shown;
  return (
    <>
      <Visible text={rest > 0 ? text.slice(0, shown) : text} />
      {rest > 0 ? (
        <p className="show-more">
          <Button size="small" onClick={() => setShown(shown + stepChars)}>
            Show {thousands(Math.min(rest, stepChars))} of {thousands(rest)} more characters
          </Button>
        </p>
      ) : null}
    </>
  );
}

/** A body read the best way it can be: as a conversation, as JSON, else as text. Never as markup. */
export function BodyView({ text, label }: { text: string; label: string }) {
  const reading = useMemo(() => readBody(text), [text]);
  const [isSource, setIsSource] = useState(false);
  const isConversation = reading.as === 'conversation' && !isSource;
  return (
    <>
      {reading.as === 'conversation' ? (
        <fieldset className="seg reading" aria-label={`How ${label.toLowerCase()} is shown`}>
          <button type="button" aria-pressed={!isSource} onClick={() => setIsSource(false)}>
            Conversation
          </button>
          <button type="button" aria-pressed={isSource} onClick={() => setIsSource(true)}>
            As sent
          </button>
        </fieldset>
      ) : null}
      {isConversation ? (
        <Conversation messages={reading.messages} />
      ) : (
        <div className="code wrap">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
          <section className="scroll tall" tabIndex={0} aria-label={label}>
            <pre>
              <Long text={reading.as === 'conversation' ? text : reading.text} />
            </pre>
          </section>
        </div>
      )}
    </>
  );
}

function Conversation({ messages }: { messages: Message[] }) {
  return (
    <ol className="conversation">
      {messages.map((message, index) => (
        // Messages of a body never move.
        // biome-ignore lint/suspicious/noArrayIndexKey: their place is their identity
        <li key={index}>
          <p className="who">
            <Visible text={message.role} oneLine />
          </p>
          {message.parts.map((part, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: their place is their identity
            <PartView key={at} part={part} />
          ))}
          {message.parts.length === 0 ? <p className="t3">Says nothing.</p> : null}
        </li>
      ))}
    </ol>
  );
}

const partWords: Record<Part['kind'], string> = {
  text: '',
  reasoning: 'Reasoning',
  tool_call: 'Calls',
  tool_result: 'Result of',
  note: '',
  other: 'Part',
};

function PartView({ part }: { part: Part }) {
  if (part.kind === 'note') {
    return (
      <p className="t3 s12">
        <Visible text={part.text} oneLine />
      </p>
    );
  }
  if (part.kind === 'text') {
    return (
      <div className="say">
        <Long text={part.text} />
      </div>
    );
  }
  return (
    <div className="code wrap part">
      <p className="code-h">
        {partWords[part.kind]}{' '}
        {part.title === null || part.kind === 'reasoning' ? null : (
          <span className="mono">
            <Visible text={part.title} oneLine />
          </span>
        )}
      </p>
      <pre>
        <Long text={part.text} />
      </pre>
    </div>
  );
}

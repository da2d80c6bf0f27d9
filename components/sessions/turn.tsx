import { useState } from 'react';
import { useZone } from '@/components/shell/zone-provider';
import { Button } from '@/components/ui/button';
import { CopyButton } from '@/components/ui/copy-button';
import { Icon } from '@/components/ui/icon';
import { bodyLabels, thousands } from '@/lib/inventory/labels';
import { foldLines } from '@/lib/inventory/sessions/fold-lines';
import { outcomeLabels, speakerLabels } from '@/lib/inventory/sessions/labels';
import type { Paired } from '@/lib/inventory/sessions/pair-calls';
import type { Say, Turn } from '@/lib/inventory/sessions/reader';
import { dateOfNs, duration, zonedTime } from '@/lib/inventory/time';
import { Redactions, Visible } from '../inventory/visible';

/** What one turn says, who said it, and whether it came from outside. */
export function TurnView({ turn, paired }: { turn: Turn; paired: Paired }) {
  const zone = useZone();
  const says = turn.says.filter((say) => !paired.repeated.has(say));
  const result = turn.says.find((say) => say.as === 'result');
  const who = turn.who ?? (result === undefined ? null : (paired.tools.get(result) ?? null));
  return (
    <Redactions redacted={turn.redacted}>
      <div className="who">
        <b>{speakerLabels[turn.speaker]}</b>
        {who === null ? null : (
          <>
            <span className={turn.speaker === 'user' ? '' : 'mono'}>
              <Visible text={who} oneLine />
            </span>{' '}
            <br />
          </>
        )}
        {timeOf(turn.startedMs, zone)}
        {turn.tookMs === null || turn.tookMs === 0 ? null : ` · ${duration(turn.tookMs)}`}
      </div>
      <div className="says">
        {turn.isOutside && !isSilent(turn) ? (
          <p className="s12">
            <span className="origin-outside">
              <Icon name="file" size={14} />
              content from outside
            </span>
          </p>
        ) : null}
        {turn.speaker === 'instructions' ? (
          <details>
            <summary>
              <Icon name="right" size={12} className="chev" />
              <span className="t3 s12">{thousands(charsOf(turn.says))} characters</span>
            </summary>
            <Says says={says} paired={paired} turn={turn} />
          </details>
        ) : (
          <Says says={says} paired={paired} turn={turn} />
        )}
        {turn.isOutside && isSilent(turn) ? (
          <p className="t3 s12">No result was reported.</p>
        ) : null}
        {turn.says.length === 0 && !turn.isOutside ? (
          <p className="t3 s12">No input or output was sent.</p>
        ) : null}
      </div>
    </Redactions>
  );
}

const isSilent = ({ says }: Turn): boolean =>
  says.every(({ as }) => as !== 'result' && as !== 'error' && as !== 'sealed');

const charsOf = (says: readonly Say[]): number =>
  says.reduce((sum, say) => sum + (say.as === 'sealed' ? 0 : say.chars), 0);

function timeOf(ms: number, zone: string): string {
  const at = dateOfNs(String(BigInt(Math.trunc(ms)) * 1_000_000n));
  return at === null ? 'no such time' : zonedTime(at, zone).slice(11, 19);
}

function Says({ says, paired, turn }: { says: readonly Say[]; paired: Paired; turn: Turn }) {
  return says.map((say, index) => (
    // What a turn says never moves.
    // biome-ignore lint/suspicious/noArrayIndexKey: their place is their identity
    <SayView key={index} say={say} paired={paired} isModel={turn.speaker === 'model'} />
  ));
}

function SayView({ say, paired, isModel }: { say: Say; paired: Paired; isModel: boolean }) {
  if (say.as === 'sealed') {
    return (
      <p className="t3 s12">
        {bodyLabels[say.role]}, {thousands(say.bytes)} bytes, digest{' '}
        <span className="mono">{say.digest.slice(0, 16)}…</span>
        <CopyButton value={say.digest} label="Copy digest" />
      </p>
    );
  }
  if (say.as === 'text') {
    return (
      <div className="say">
        <Visible text={say.text} />
        <Rest say={say} />
      </div>
    );
  }
  const outcome = say.as === 'call' ? paired.outcomes.get(say) : undefined;
  const note = outcome === undefined ? null : outcomeLabels[outcome];
  return (
    <div>
      {say.as === 'call' ? (
        <p className="kind">
          <Icon name="arrow-r" size={14} />
          {isModel ? 'calls' : 'called with'}{' '}
          {isModel ? (
            <code>
              <Visible text={say.tool ?? 'a tool without a name'} oneLine />
            </code>
          ) : null}
        </p>
      ) : null}
      {say.as === 'reasoning' ? <p className="t3 s12">Reasoning</p> : null}
      {say.as === 'error' ? <p className="tone-critical s12">Error</p> : null}
      {say.text.trim() === '' ? null : <Folded text={say.text} />}
      <Rest say={say} />
      {note === null ? null : <p className="tone-review s12">{note}</p>}
    </div>
  );
}

const linesMax = 16;

/** What a call or a result says: long ones open whole, and nothing is hidden without saying so. */
function Folded({ text }: { text: string }) {
  const [isWhole, setIsWhole] = useState(false);
  const { head, more } = foldLines(text, linesMax);
  return (
    <>
      <div className="code wrap">
        <pre>
          <Visible text={isWhole ? text : head} />
        </pre>
      </div>
      {more === 0 ? null : (
        <p className="show-more">
          <Button size="small" aria-expanded={isWhole} onClick={() => setIsWhole(!isWhole)}>
            {isWhole
              ? 'Show less'
              : `Show ${thousands(more)} more ${more === 1 ? 'line' : 'lines'}`}
          </Button>
        </p>
      )}
    </>
  );
}

function Rest({ say }: { say: { text: string; chars: number } }) {
  const rest = say.chars - say.text.length;
  return rest <= 0 ? null : (
    <p className="t3 s12">{thousands(rest)} more characters: open the entry to read all.</p>
  );
}

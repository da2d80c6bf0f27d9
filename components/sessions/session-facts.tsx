import type { ReactNode } from 'react';
import { thousands } from '@/lib/inventory/labels';
import type { SessionRow } from '@/lib/inventory/sessions/schema';
import { duration, relativeTime, utcTime, zonedTime, zoneWord } from '@/lib/inventory/time';
import { Redactions, Visible } from '../inventory/visible';
import { Who } from '../inventory/who';
import { Cost } from './session-table';

const modelsShown = 3;

/** Whose session it is, when it was, and what its entries come to. */
export function SessionFacts({
  session,
  models,
  now,
  zone,
}: {
  session: SessionRow;
  models: readonly string[];
  now: Date;
  zone: string;
}) {
  const { startedAt, endedAt, exchanges, steps, events, errors, cost } = session;
  const rest = [
    ...(steps > 0 ? [`${thousands(steps)} ${steps === 1 ? 'step' : 'steps'}`] : []),
    ...(events > 0 ? [`${thousands(events)} ${events === 1 ? 'event' : 'events'}`] : []),
  ];
  return (
    <Redactions redacted={session.redacted}>
      <dl className="facts-strip">
        <Fact term="Identity">
          <Who who={session} />
        </Fact>
        <Fact term="On behalf of">
          {session.onBehalfOf === null ? (
            <span className="t3">not said</span>
          ) : (
            <Visible text={session.onBehalfOf} oneLine />
          )}
        </Fact>
        <Fact term="Started">
          <time dateTime={startedAt.toISOString()} title={utcTime(startedAt)}>
            {zonedTime(startedAt, zone).slice(0, 19)} {zoneWord(zone)},{' '}
            <span className="t3">{relativeTime(startedAt, now)}</span>
          </time>
        </Fact>
        <Fact term="Length">{duration(endedAt.getTime() - startedAt.getTime())}</Fact>
        <Fact term="Exchanges">
          {thousands(exchanges)} <span className="t3">{rest.join(', ')}</span>
        </Fact>
        <Fact term="Tokens">
          {thousands(session.inputTokens + session.outputTokens)}{' '}
          <span className="t3">
            {thousands(session.inputTokens)} in, {thousands(session.outputTokens)} out
          </span>
        </Fact>
        <Fact term="Cost">
          {cost === null ? <span className="t3">unknown</span> : <Cost session={session} />}
        </Fact>
        <Fact term="Errors">
          <span className={errors > 0 ? 'tone-critical' : ''}>{thousands(errors)}</span>
        </Fact>
        <Fact term="Models">
          {models.length === 0 ? <span className="t3">none</span> : <Models models={models} />}
        </Fact>
      </dl>
    </Redactions>
  );
}

const Fact = ({ term, children }: { term: string; children: ReactNode }) => (
  <div>
    <dt>{term}</dt>
    <dd>{children}</dd>
  </div>
);

function Models({ models }: { models: readonly string[] }) {
  const rest = models.length - modelsShown;
  return (
    <>
      {models.slice(0, modelsShown).map((model, index) => (
        <span key={model} className="mono">
          {index === 0 ? '' : ', '}
          <Visible text={model} oneLine />
        </span>
      ))}
      {rest > 0 ? <span className="t3"> and {rest} more</span> : null}
    </>
  );
}

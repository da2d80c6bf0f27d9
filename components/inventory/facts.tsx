import Link from 'next/link';
import type { ReactNode } from 'react';
import { Callout } from '@/components/ui/callout';
import { CopyButton } from '@/components/ui/copy-button';
import { KeyValue } from '@/components/ui/key-value';
import {
  dialectLabels,
  kindLabels,
  markLabels,
  marksOf,
  resourceLabels,
  signalLabels,
  thousands,
  vantageLabels,
} from '@/lib/inventory/labels';
import type { InteractionDetail } from '@/lib/inventory/schema';
import { dateOfNs, duration, relativeTime, utcTime } from '@/lib/inventory/time';
import { isLinked, Linked } from './linked';
import { Visible } from './visible';
import { Who } from './who';

type Rows = (readonly [term: string, value: ReactNode])[];

export type Remark = { word: string; sentence: string };

/** What is odd about it, in sentences: in itself, and where it stands. */
export function Oddities({
  interaction: { marks, redacted, serverAddress, strange },
  remarks,
}: {
  interaction: InteractionDetail;
  remarks: readonly Remark[];
}) {
  const odd = [...marksOf(marks).map((mark) => markLabels[mark]), ...remarks];
  if (odd.length + strange.length === 0 && redacted === null) return null;
  return (
    <ul className="sec stack">
      {odd.map((remark) => (
        <li key={remark.word}>
          <Callout tone={remark === markLabels.conflicting ? 'review' : 'info'}>
            <b>{remark.word}.</b> {remark.sentence}
          </Callout>
        </li>
      ))}
      {strange.map(({ id, name, hosts }) => (
        <li key={id}>
          <Callout tone="critical">
            <b>Origin unverified.</b> It came from{' '}
            {serverAddress === null ? 'no server that it names' : <Visible text={serverAddress} />},
            and registered for <Visible text={name} oneLine /> {hosts.length === 1 ? 'is' : 'are'}{' '}
            {hosts.join(', ')}.
          </Callout>
        </li>
      ))}
      {redacted === null ? null : (
        <li>
          <Callout>
            <b>Redacted before storage:</b> {redactionsOf(redacted)}.
          </Callout>
        </li>
      )}
    </ul>
  );
}

/** `aws_key=1 password=2` as "1 aws key, 2 password". */
export const redactionsOf = (redacted: string): string =>
  redacted
    .split(' ')
    .map((part) => {
      const [kind = '', count = ''] = part.split('=');
      return `${count} ${kind.replaceAll('_', ' ')}`.trim();
    })
    .join(', ');

export function Facts({ interaction, now }: { interaction: InteractionDetail; now: Date }) {
  return (
    <>
      <section className="sec" aria-label="Who">
        <KeyValue rows={whoRows(interaction)} />
      </section>
      <section className="sec" aria-label="What and when">
        <KeyValue rows={whatRows(interaction, now)} />
      </section>
      <section className="sec" aria-label="Entry">
        <KeyValue rows={entryRows(interaction)} />
      </section>
    </>
  );
}

function whoRows(interaction: InteractionDetail): Rows {
  const { fingerprint } = interaction;
  return [
    [
      'Identity',
      interaction.identity === null ? (
        <>
          <Who who={interaction} />
          {fingerprint === null ? null : <Id value={fingerprint} label="fingerprint" />}
        </>
      ) : (
        <>
          <Link href={`/identities/${interaction.identity}`} prefetch={false}>
            <Who who={interaction} />
          </Link>{' '}
          <Id value={interaction.identity} label="identity id" />
        </>
      ),
    ],
    ['Declared', <Declared key="declared" interaction={interaction} />],
    [
      'Reporter',
      <>
        <Visible text={interaction.reporterName ?? interaction.reporter} oneLine />{' '}
        <span className="t3">{vantageLabels[interaction.vantage]}</span>
      </>,
    ],
    ['On behalf of', foreign(interaction.onBehalfOf) ?? <span className="t3">not said</span>],
    ['Environment', foreign(interaction.environment)],
  ];
}

function whatRows(interaction: InteractionDetail, now: Date): Rows {
  const { provider, model, requestModel } = interaction;
  const arrived = new Date(interaction.receivedAt);
  return [
    [
      'Resource',
      interaction.resource === null ? null : (
        <>
          <span className="mono">
            <Visible text={interaction.resource} oneLine />
          </span>{' '}
          <span className="t3">
            {interaction.resourceKind === null ? (
              ''
            ) : (
              <Link
                href={`/resources?type=${interaction.resourceKind}&q=${encodeURIComponent(interaction.resource.slice(0, 200))}`}
                prefetch={false}
              >
                {resourceLabels[interaction.resourceKind]}
              </Link>
            )}
          </span>
        </>
      ),
    ],
    ['Name', foreign(interaction.name)],
    [
      'Operation',
      <>
        {kindLabels[interaction.kind].word}{' '}
        {interaction.operation === null ? null : (
          <span className="t3 mono">
            <Visible text={interaction.operation} oneLine />
          </span>
        )}
      </>,
    ],
    [
      'Model',
      model === null ? null : (
        <>
          <Visible text={model} oneLine />{' '}
          {provider === null ? null : (
            <span className="t3">
              from <Visible text={provider} oneLine />
            </span>
          )}
          {requestModel === null ? null : (
            <span className="t3">
              , asked for <Visible text={requestModel} oneLine />
            </span>
          )}
        </>
      ),
    ],
    ...linkedRows(interaction),
    ['Happened', <Happened key="happened" interaction={interaction} now={now} />],
    [
      'Arrived',
      <time key="arrived" dateTime={arrived.toISOString()}>
        {utcTime(arrived)}
      </time>,
    ],
    ['Tokens', tokensOf(interaction)],
    ['Cost', costOf(interaction)],
    ['Client', address(interaction.clientAddress, interaction.clientPort)],
    ['Server', address(interaction.serverAddress, interaction.serverPort)],
    [
      'Session',
      <>
        <Id
          value={interaction.session}
          label="session id"
          href={`/sessions/${interaction.session}?interaction=${interaction.id}`}
        />
        {interaction.conversation === null ? null : (
          <span className="t3">
            {' '}
            declared <Visible text={interaction.conversation} oneLine />
          </span>
        )}
      </>,
    ],
    ['Prompt', foreignId(interaction.promptId)],
    ['Request', foreignId(interaction.requestId)],
    ['Response', foreignId(interaction.responseId)],
    ['Tool use', foreignId(interaction.toolCallId)],
    ['Trace', id(interaction.trace, 'trace id')],
    ['Span', id(interaction.span, 'span id')],
    [
      interaction.signal === 'log' ? 'Written in' : 'Parent',
      id(interaction.parent, 'parent span id'),
    ],
    [
      'Told by',
      <>
        {signalLabels[interaction.signal ?? 'trace']}{' '}
        <span className="t3">in the words of {dialectLabels[interaction.dialect]}</span>
      </>,
    ],
  ];
}

const linkedRows = (interaction: InteractionDetail): Rows =>
  (
    [
      ['Same call as', 'same_call'],
      ['Other end', 'counterpart'],
    ] as const
  ).flatMap(([term, relation]) =>
    isLinked(interaction, relation)
      ? [[term, <Linked key={relation} interaction={interaction} relation={relation} />] as const]
      : [],
  );

function entryRows(interaction: InteractionDetail): Rows {
  return [
    ['Entry', <Id key="entry" value={interaction.id} label="entry id" />],
    ['Place', `shard ${interaction.shard}, position ${thousands(BigInt(interaction.position))}`],
    ['Leaf', <Id key="leaf" value={interaction.leaf} label="leaf hash" />],
  ];
}

function tokensOf(interaction: InteractionDetail): ReactNode {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } =
    interaction;
  const parts = [
    [inputTokens, 'in'],
    [outputTokens, 'out'],
  ] as const;
  const within = [
    [cacheReadTokens, 'read from cache'],
    [cacheWriteTokens, 'written to cache'],
    [reasoningTokens, 'reasoning'],
  ] as const;
  const words = (list: typeof parts | typeof within) =>
    list
      .flatMap(([count, word]) => (count === null ? [] : [`${thousands(count)} ${word}`]))
      .join(', ');
  const all = words(parts);
  const of = words(within);
  if (all === '' && of === '') return null;
  return (
    <>
      {all} {of === '' ? null : <span className="t3">of these {of}</span>}
    </>
  );
}

function costOf({ cost, costSource }: InteractionDetail): ReactNode {
  if (cost === null) return <span className="t3">unknown</span>;
  return (
    <>
      {cost.toLocaleString('en-GB', { maximumSignificantDigits: 6 })} USD{' '}
      <span className="t3">{costSource === 'computed' ? 'by your prices' : 'as sent'}</span>
    </>
  );
}

const foreign = (text: string | null): ReactNode =>
  text === null ? null : <Visible text={text} oneLine />;
const foreignId = (text: string | null): ReactNode =>
  text === null ? null : (
    <span className="mono">
      <Visible text={text} oneLine />
    </span>
  );
const id = (value: string | null, label: string): ReactNode =>
  value === null ? null : <Id value={value} label={label} />;
const address = (host: string | null, port: number | null): ReactNode =>
  host === null ? null : (
    <span className="mono">
      <Visible text={port === null ? host : `${host}:${port}`} oneLine />
    </span>
  );

function Id({ value, label, href }: { value: string; label: string; href?: string }) {
  return (
    <>
      {href === undefined ? (
        <span className="id">{value}</span>
      ) : (
        <a className="id" href={href}>
          {value}
        </a>
      )}
      <CopyButton value={value} label={`Copy ${label}`} />
    </>
  );
}

function Declared({ interaction }: { interaction: InteractionDetail }) {
  const { declaredName, declaredId, declaredVersion, service } = interaction;
  const declared = [declaredName, declaredVersion, declaredId].filter((text) => text !== null);
  return declared.length === 0 && service === null ? (
    <span className="t3">nothing of itself</span>
  ) : (
    <>
      {declared.map((text) => (
        <span key={text}>
          <Visible text={text} oneLine />{' '}
        </span>
      ))}
      {service === null ? null : (
        <span className="t3">
          service <Visible text={service} oneLine />
        </span>
      )}
    </>
  );
}

function Happened({ interaction, now }: { interaction: InteractionDetail; now: Date }) {
  const started = dateOfNs(interaction.startedNs);
  return started === null ? (
    <span className="mono">{interaction.startedNs} ns</span>
  ) : (
    <>
      <time dateTime={started.toISOString()}>{utcTime(started)}</time>{' '}
      <span className="t3">
        {relativeTime(started, now)}
        {interaction.durationMs < 0 ? '' : `, took ${duration(interaction.durationMs)}`}
      </span>
    </>
  );
}

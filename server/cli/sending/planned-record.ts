import {
  byResource,
  renderAttributes,
  type SentAttributes,
  type SentResource,
  sizeOfAttributes,
} from './attributes';

/** A log record as a program would export it, before it is sent. */
export type PlannedRecord = {
  signal: 'log';
  /** Tells it from all others. */
  key: string;
  /** Unix microseconds, when it was told. */
  endUs: number;
  /** Empty where the program gives a record no name of its own. */
  eventName: string;
  body: string | null;
  /** OTLP SeverityNumber; 0 is none. */
  severity: number;
  attributes: SentAttributes;
  /** Which of a program's libraries wrote it. */
  scope: string;
  resource: SentResource;
  /** Name of the identity whose key sends it. */
  reporter: string;
};

export const sizeOfRecord = ({ attributes, body }: PlannedRecord): number =>
  200 + (body ?? '').length + sizeOfAttributes(attributes);

/** ExportLogsServiceRequest in OTLP's JSON. A program writes its records in one scope. */
export const renderRecords = (records: readonly PlannedRecord[]): string =>
  JSON.stringify({
    resourceLogs: Array.from(byResource(records), ([resource, held]) => ({
      resource: { attributes: renderAttributes(resource) },
      scopeLogs: [{ scope: { name: held[0]?.scope }, logRecords: held.map(renderRecord) }],
    })),
  });

function renderRecord({ endUs, eventName, body, severity, attributes }: PlannedRecord) {
  return {
    timeUnixNano: `${endUs}000`,
    observedTimeUnixNano: `${endUs}000`,
    ...(severity === 0 ? {} : { severityNumber: severity }),
    ...(eventName === '' ? {} : { eventName }),
    ...(body === null ? {} : { body: { stringValue: body } }),
    attributes: renderAttributes(attributes),
  };
}

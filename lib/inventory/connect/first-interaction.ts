import { shellQuote } from './shell-quote';

/** What stands for the ingest key where none is at hand. */
export const keyPlaceholder = 'YOUR_INGEST_KEY';

/** The environment that any OpenTelemetry SDK reads; header values are percent-encoded there (OTLP exporter specification). */
export function environmentBlock({
  gatewayUrl,
  key,
  service,
}: {
  gatewayUrl: string;
  key: string;
  service: string;
}): string {
  return [
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${shellQuote(gatewayUrl)}`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    `export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${key}"`,
    `export OTEL_SERVICE_NAME=${shellQuote(service)}`,
    'export OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true',
  ].join('\n');
}

const randomHex = (bytes: number) => `$(od -An -N${bytes} -tx1 /dev/urandom | tr -d ' \\n')`;

/** What the shell puts in at each run, so that each is an interaction of its own. */
const filledIn = {
  traceId: `"${randomHex(16)}"`,
  spanId: `"${randomHex(8)}"`,
  startTimeUnixNano: '"$(($(date +%s) - 1))"150000000',
  endTimeUnixNano: '"$(date +%s)"000000000',
};

/** One inference as OTLP/JSON, sent by curl. */
export function curlCommand(made: { gatewayUrl: string; key: string; service: string }): string {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const count = (key: string, intValue: string) => ({ key, value: { intValue } });
  const body = {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', made.service)] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: '',
                spanId: '',
                name: 'chat first-model',
                kind: 3,
                startTimeUnixNano: '',
                endTimeUnixNano: '',
                attributes: [
                  text('gen_ai.operation.name', 'chat'),
                  text('gen_ai.provider.name', 'example'),
                  text('gen_ai.request.model', 'first-model'),
                  count('gen_ai.usage.input_tokens', '12'),
                  count('gen_ai.usage.output_tokens', '5'),
                  text(
                    'gen_ai.input.messages',
                    '[{"role":"user","parts":[{"type":"text","content":"Is anybody there?"}]}]',
                  ),
                  text(
                    'gen_ai.output.messages',
                    '[{"role":"assistant","parts":[{"type":"text","content":"Yes, on record."}]}]',
                  ),
                ],
                status: { code: 1 },
              },
            ],
          },
        ],
      },
    ],
  };
  let sent = shellQuote(JSON.stringify(body));
  // A key with bare quotation marks is one of ours: in what somebody named they are escaped.
  for (const [key, command] of Object.entries(filledIn))
    sent = sent.replace(`"${key}":""`, () => `"${key}":"'${command}'"`);
  return [
    `curl -sS ${shellQuote(`${made.gatewayUrl}/v1/traces`)} \\`,
    `  -H 'authorization: Bearer ${made.key}' \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${sent}`,
  ].join('\n');
}

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

/** One inference as OTLP/JSON, sent by curl. Ids and time are the caller's, so that each copy is a new interaction. */
export function curlCommand(made: {
  gatewayUrl: string;
  key: string;
  service: string;
  trace: string;
  span: string;
  nowMs: number;
}): string {
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
                traceId: made.trace,
                spanId: made.span,
                name: 'chat first-model',
                kind: 3,
                startTimeUnixNano: `${made.nowMs - 850}000000`,
                endTimeUnixNano: `${made.nowMs}000000`,
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
  return [
    `curl -sS ${shellQuote(`${made.gatewayUrl}/v1/traces`)} \\`,
    `  -H 'authorization: Bearer ${made.key}' \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${shellQuote(JSON.stringify(body))}`,
  ].join('\n');
}

import { exports } from './shell-quote';
import { bearerHeader, install, otlpShell, type Snippet, type Target } from './snippet';

const capture = { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true' };

export const environment = (target: Target): Snippet[] => [
  otlpShell(target, capture),
  {
    title: 'The same over gRPC',
    code: exports({
      OTEL_EXPORTER_OTLP_ENDPOINT: target.grpcUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_HEADERS: bearerHeader(target.key),
      OTEL_SERVICE_NAME: target.service,
      ...capture,
    }),
  },
];

export const javascript = (target: Target): Snippet[] => [
  install(['@opentelemetry/api', '@opentelemetry/sdk-node']),
  otlpShell(target),
  {
    title: 'telemetry.mjs',
    file: 'telemetry.mjs',
    code: `import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK();
sdk.start();
process.once('beforeExit', () => sdk.shutdown());
`,
  },
  {
    title: 'agent.mjs, around each call of a model',
    file: 'agent.mjs',
    code: `import { SpanKind, trace } from '@opentelemetry/api';

const tracer = trace.getTracer('agent');
const message = (role, content) => JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);

const attributes = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'example',
  'gen_ai.request.model': 'first-model',
  'gen_ai.conversation.id': 'conversation-1',
  'gen_ai.input.messages': message('user', 'Is anybody there?'),
};
tracer.startActiveSpan('chat first-model', { kind: SpanKind.CLIENT, attributes }, (span) => {
  // Call the model here.
  span.setAttribute('gen_ai.usage.input_tokens', 12);
  span.setAttribute('gen_ai.usage.output_tokens', 5);
  span.setAttribute('gen_ai.output.messages', message('assistant', 'Yes, on record.'));
  span.end();
});
`,
  },
  { title: 'Run', code: 'node --import ./telemetry.mjs agent.mjs' },
];

export const python = (target: Target): Snippet[] => [
  {
    title: 'Install',
    code: 'pip install opentelemetry-distro opentelemetry-exporter-otlp opentelemetry-instrumentation-openai-v2',
  },
  otlpShell(target, {
    OTEL_SEMCONV_STABILITY_OPT_IN: 'gen_ai_latest_experimental',
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'span_only',
  }),
  { title: 'Run', code: 'opentelemetry-instrument python agent.py' },
];

export const go = (target: Target): Snippet[] => [
  {
    title: 'Install',
    code: `go get go.opentelemetry.io/otel \\
  go.opentelemetry.io/otel/sdk \\
  go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp`,
  },
  otlpShell(target),
  {
    title: 'main.go, around each call of a model',
    file: 'main.go',
    code: `package main

import (
	"context"
	"log"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	defer func() { _ = provider.Shutdown(ctx) }()
	otel.SetTracerProvider(provider)

	_, span := otel.Tracer("agent").Start(ctx, "chat first-model",
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(
			attribute.String("gen_ai.operation.name", "chat"),
			attribute.String("gen_ai.provider.name", "example"),
			attribute.String("gen_ai.request.model", "first-model"),
		))
	// Call the model here.
	span.SetAttributes(
		attribute.Int("gen_ai.usage.input_tokens", 12),
		attribute.Int("gen_ai.usage.output_tokens", 5),
	)
	span.End()
}
`,
  },
  { title: 'Run', code: 'go run .' },
];

export const java = (target: Target): Snippet[] => [
  {
    title: 'Download the agent of OpenTelemetry',
    code: 'curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar',
  },
  otlpShell(target, capture),
  { title: 'Run', code: 'java -javaagent:opentelemetry-javaagent.jar -jar agent.jar' },
];

export const collector = ({ gatewayUrl, key }: Target): Snippet[] => [
  {
    title: 'config.yaml of the collector, beside the receivers it has',
    file: 'config.yaml',
    code: `exporters:
  # Before version 0.144 of the collector its name is otlphttp/sallyport.
  otlp_http/sallyport:
    endpoint: ${JSON.stringify(gatewayUrl)}
    headers:
      authorization: ${JSON.stringify(`Bearer ${key}`)}

service:
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [otlp_http/sallyport]
    logs:
      receivers: [otlp]
      exporters: [otlp_http/sallyport]
    metrics:
      receivers: [otlp]
      exporters: [otlp_http/sallyport]
`,
  },
];

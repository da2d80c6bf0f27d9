import { exports } from './shell-quote';

/** Where telemetry goes, with which key, and as whom. */
export type Target = {
  gatewayUrl: string;
  /** Where OTLP/gRPC is spoken. */
  grpcUrl: string;
  key: string;
  service: string;
};

/** A text to copy as it stands. */
export type Snippet = {
  title: string;
  code: string;
  /** What it is saved as, where that matters. */
  file?: string;
};

/** The gateway's address for OTLP/gRPC: its own host, on the port that speaks it. */
export function grpcUrlOf(gatewayUrl: string, port: number): string {
  const url = new URL(gatewayUrl);
  url.port = String(port);
  return url.origin;
}

/** Header values are percent-encoded in the environment (OTLP exporter specification). */
export const bearerHeader = (key: string): string => `authorization=Bearer%20${key}`;

/** What every OpenTelemetry SDK reads. */
export const otlpEnvironment = ({ gatewayUrl, key, service }: Target): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: gatewayUrl,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  OTEL_EXPORTER_OTLP_HEADERS: bearerHeader(key),
  OTEL_SERVICE_NAME: service,
});

export const otlpShell = (target: Target, more: Record<string, string> = {}): Snippet => ({
  title: 'Shell, before starting the agent',
  code: exports({ ...otlpEnvironment(target), ...more }),
});

export const install = (packages: readonly string[]): Snippet => ({
  title: 'Install',
  code: `npm install ${packages.join(' ')}`,
});

import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { curlCommand, environmentBlock } from './first-interaction';

const hostile = `o'brien $(touch /tmp/x) "; rm -rf`;

it('the environment block is one that a shell reads back, whatever the name', () => {
  const block = environmentBlock({
    gatewayUrl: 'http://localhost:4318',
    key: 'slp_ik_x',
    service: hostile,
  });
  const shown = execFileSync('sh', [
    '-c',
    `${block}\nprintf '%s|%s' "$OTEL_SERVICE_NAME" "$OTEL_EXPORTER_OTLP_HEADERS"`,
  ]);
  expect(shown.toString()).toBe(`${hostile}|authorization=Bearer%20slp_ik_x`);
});

it('the curl command sends one whole OTLP request', () => {
  const command = curlCommand({
    gatewayUrl: 'http://localhost:4318',
    key: 'k',
    service: hostile,
    trace: '0af7651916cd43dd8448eb211c80319c',
    span: 'b7ad6b7169203331',
    nowMs: 1_800_000_000_000,
  });
  const body = execFileSync('sh', [
    '-c',
    `curl() { for last; do :; done; printf '%s' "$last"; }\n${command}`,
  ]).toString();
  const { resourceSpans } = JSON.parse(body);
  expect(resourceSpans[0].resource.attributes[0].value.stringValue).toBe(hostile);
  expect(resourceSpans[0].scopeSpans[0].spans[0].endTimeUnixNano).toBe('1800000000000000000');
});

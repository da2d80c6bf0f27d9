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

it('the curl command sends one whole OTLP request, another at each run', () => {
  const command = curlCommand({
    gatewayUrl: 'http://localhost:4318',
    key: 'k',
    service: `${hostile}"traceId":""`,
  });
  const send = () => {
    const body = execFileSync('sh', [
      '-c',
      `curl() { for last; do :; done; printf '%s' "$last"; }\n${command}`,
    ]);
    const [{ resource, scopeSpans }] = JSON.parse(body.toString()).resourceSpans;
    expect(resource.attributes[0].value.stringValue).toBe(`${hostile}"traceId":""`);
    return scopeSpans[0].spans[0];
  };
  const [one, two] = [send(), send()];
  expect(one.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(one.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect([two.traceId, two.spanId]).not.toEqual([one.traceId, one.spanId]);
  const lastedMs = (Number(one.endTimeUnixNano) - Number(one.startTimeUnixNano)) / 1e6;
  expect(lastedMs).toBeGreaterThanOrEqual(849);
  expect(lastedMs).toBeLessThan(1851);
  expect(Math.abs(Number(one.endTimeUnixNano) / 1e6 - Date.now())).toBeLessThan(5000);
});

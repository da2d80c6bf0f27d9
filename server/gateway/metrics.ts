import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { LogWriter } from '@/lib/log/writer';

/** Prometheus metrics of this gateway. No identity is ever a label: names are for people with a role. */
export function createMetrics(writer: LogWriter) {
  const registry = new Registry();
  const registers = [registry];
  const items = new Counter({
    name: 'sallyport_ingest_items_total',
    help: 'Items received, by signal and by what became of them.',
    labelNames: ['signal', 'outcome'] as const,
    registers,
  });
  const refused = new Counter({
    name: 'sallyport_ingest_refused_items_total',
    help: 'Items refused and quarantined, by signal and reason.',
    labelNames: ['signal', 'reason'] as const,
    registers,
  });
  const requests = new Counter({
    name: 'sallyport_ingest_requests_total',
    help: 'Ingest requests, by signal, transport (http or grpc) and its status.',
    labelNames: ['signal', 'transport', 'status'] as const,
    registers,
  });
  const apiRequests = new Counter({
    name: 'sallyport_api_requests_total',
    help: 'Requests of the management API, by route and status.',
    labelNames: ['route', 'status'] as const,
    registers,
  });
  const authenticationsRefused = new Counter({
    name: 'sallyport_authentications_refused_total',
    help: 'Requests and calls whose sender was not believed, by reason.',
    labelNames: ['reason'] as const,
    registers,
  });
  const acknowledged = new Histogram({
    name: 'sallyport_ingest_ack_seconds',
    help: 'From a request read to its commit, by signal.',
    labelNames: ['signal'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  new Gauge({
    name: 'sallyport_log_queue_items',
    help: 'Items that wait for the writer.',
    registers,
    collect() {
      this.set(writer.figures().queuedItems);
    },
  });
  new Gauge({
    name: 'sallyport_process_resident_memory_bytes',
    help: 'Resident memory of this gateway.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  return { registry, items, refused, requests, apiRequests, authenticationsRefused, acknowledged };
}

export type Metrics = ReturnType<typeof createMetrics>;

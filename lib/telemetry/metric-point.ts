import type { AnyMap, Metric, MetricPoint } from './schema';

/** A point as the protocol has it where nothing is sent: numbers that are not optional are zero. */
export function emptyPoint(metric: Metric): MetricPoint {
  const isNumber = metric.form === 'gauge' || metric.form === 'sum';
  const distribution: AnyMap = Object.create(null);
  if (metric.form === 'exponential_histogram')
    Object.assign(distribution, { scale: 0, zeroCount: 0, zeroThreshold: 0 });
  return {
    ...metric,
    startedNs: 0n,
    timeNs: 0n,
    attributes: [],
    value: null,
    count: isNumber ? null : 0n,
    sum: metric.form === 'summary' ? 0 : null,
    min: null,
    max: null,
    distribution,
    marks: 0,
  };
}

export function setFlags({ distribution }: MetricPoint, flags: number): void {
  if (flags === 0) delete distribution.flags;
  else distribution.flags = flags;
}

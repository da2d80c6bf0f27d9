-- One series of a metric: keyed hash of who sent it, its name and all its attributes, so that what grows can be
-- told from what grew. Nullable, as every new fact.
ALTER TABLE measurement ADD COLUMN series bytea;

-- How far a series that only grows had come.
CREATE TABLE measured_series (
  series bytea NOT NULL,
  started_ns bigint NOT NULL,
  ended_ns bigint NOT NULL,
  amount double precision NOT NULL,
  received_at timestamptz(3) NOT NULL,
  CONSTRAINT measured_series_pkey PRIMARY KEY (series)
);
CREATE INDEX measured_series_received_at_idx ON measured_series (received_at);

-- What senders measured of their own usage, by hour. Only metrics that are known by name, so nothing here is a sender's word.
CREATE TABLE measured_hour (
  at timestamptz(0) NOT NULL,
  shard integer NOT NULL,
  identity uuid NOT NULL,
  metric text NOT NULL,
  figure text NOT NULL CHECK (figure IN ('calls', 'input_tokens', 'output_tokens', 'cost')),
  amount double precision NOT NULL,
  CONSTRAINT measured_hour_pkey PRIMARY KEY (at, shard, identity, metric, figure)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON measured_series, measured_hour TO sallyport_worker;
GRANT SELECT ON measured_hour TO sallyport_console;

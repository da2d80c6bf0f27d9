-- To which series a data point belongs, a keyed hash, and of what kind of call it was measured. Nullable, as every
-- new fact.
ALTER TABLE measurement ADD COLUMN series bytea, ADD COLUMN operation text;

-- What senders measured of their own usage, by hour. Only metrics known by name, so nothing here is a sender's word.
CREATE TABLE measured_hour (
  at timestamptz(0) NOT NULL,
  shard integer NOT NULL,
  identity uuid NOT NULL,
  metric text NOT NULL,
  figure text NOT NULL CHECK (figure IN ('calls', 'input_tokens', 'output_tokens', 'cost')),
  amount_nano numeric(38, 0) NOT NULL,
  begun_at timestamptz(3),
  ended_at timestamptz(3),
  implausible bigint NOT NULL,
  unfollowed bigint NOT NULL,
  CONSTRAINT measured_hour_pkey PRIMARY KEY (at, shard, identity, metric, figure)
);

-- Series that only grow, from one start of their sender to the next, and how far each had come by when: what was
-- added is the difference to the reading before, in whatever order they arrive.
CREATE TABLE measured_run (
  series bytea NOT NULL,
  started_ns bigint NOT NULL,
  identity uuid NOT NULL,
  received_at timestamptz(3) NOT NULL,
  is_cut boolean NOT NULL,
  CONSTRAINT measured_run_pkey PRIMARY KEY (series, started_ns)
);
-- How many of an identity are followed, and which went quiet.
CREATE INDEX measured_run_identity_idx ON measured_run (identity);
CREATE INDEX measured_run_received_at_idx ON measured_run (received_at);
CREATE TABLE measured_reading (
  series bytea NOT NULL,
  started_ns bigint NOT NULL,
  ended_ns bigint NOT NULL,
  amount_nano numeric(38, 0) NOT NULL,
  CONSTRAINT measured_reading_pkey PRIMARY KEY (series, started_ns, ended_ns)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON measured_hour, measured_run, measured_reading TO sallyport_worker;
GRANT SELECT ON measured_hour TO sallyport_console;

-- What the entries of a session come to. Nothing that a sender wrote: ids, counts and times only.
CREATE TABLE session (
  id uuid NOT NULL,
  identity uuid,
  fingerprint bytea,
  first_received_at timestamptz(3) NOT NULL,
  first_shard integer NOT NULL,
  first_position bigint NOT NULL,
  last_received_at timestamptz(3) NOT NULL,
  started_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3) NOT NULL,
  exchanges bigint NOT NULL,
  steps bigint NOT NULL,
  events bigint NOT NULL,
  inferences bigint NOT NULL,
  tool_calls bigint NOT NULL,
  errors bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost double precision NOT NULL,
  priced bigint NOT NULL,
  CONSTRAINT session_pkey PRIMARY KEY (id)
) WITH (fillfactor = 80);
CREATE INDEX session_ended_at_id_idx ON session (ended_at, id);
CREATE INDEX session_identity_ended_at_id_idx ON session (identity, ended_at, id);
-- Sessions in which something failed are few, and are what is looked for first.
CREATE INDEX session_with_errors_idx ON session (ended_at, id) WHERE errors > 0;
GRANT SELECT, INSERT, UPDATE, DELETE ON session TO sallyport_worker;
GRANT SELECT ON session TO sallyport_console;

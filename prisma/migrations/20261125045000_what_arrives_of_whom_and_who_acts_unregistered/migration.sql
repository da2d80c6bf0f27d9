-- What arrives of whom. Names of nobody and words of no sender: identities, counts, times.
CREATE TABLE coverage_hour (
  identity uuid NOT NULL,
  hour timestamptz(0) NOT NULL,
  shard integer NOT NULL,
  interactions bigint NOT NULL,
  sessions bigint NOT NULL,
  inference bigint NOT NULL,
  input bigint NOT NULL,
  output bigint NOT NULL,
  prompt bigint NOT NULL,
  answer bigint NOT NULL,
  tool_call bigint NOT NULL,
  argument bigint NOT NULL,
  result bigint NOT NULL,
  retrieval bigint NOT NULL,
  transfer bigint NOT NULL,
  mcp bigint NOT NULL,
  trace bigint NOT NULL,
  log bigint NOT NULL,
  metric bigint NOT NULL,
  CONSTRAINT coverage_hour_pkey PRIMARY KEY (identity, hour, shard)
);

CREATE TABLE coverage (
  identity uuid NOT NULL,
  shard integer NOT NULL,
  interactions bigint NOT NULL,
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  dialects text[],
  inference timestamptz(3),
  input timestamptz(3),
  output timestamptz(3),
  prompt timestamptz(3),
  answer timestamptz(3),
  tool_call timestamptz(3),
  argument timestamptz(3),
  result timestamptz(3),
  retrieval timestamptz(3),
  transfer timestamptz(3),
  mcp timestamptz(3),
  trace timestamptz(3),
  log timestamptz(3),
  metric timestamptz(3),
  CONSTRAINT coverage_pkey PRIMARY KEY (identity, shard)
);

CREATE TABLE coverage_start (
  identity uuid NOT NULL,
  shard integer NOT NULL,
  at timestamptz(3) NOT NULL,
  session uuid NOT NULL,
  has_user boolean NOT NULL,
  CONSTRAINT coverage_start_pkey PRIMARY KEY (identity, shard, at, session)
);

CREATE TABLE shadow_actor (
  fingerprint bytea NOT NULL,
  shard integer NOT NULL,
  reporter uuid NOT NULL,
  kind text NOT NULL,
  interactions bigint NOT NULL,
  sessions bigint NOT NULL,
  errors bigint NOT NULL,
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  last_received_at timestamptz(3) NOT NULL,
  CONSTRAINT shadow_actor_pkey PRIMARY KEY (fingerprint, shard, reporter, kind)
);
CREATE INDEX shadow_actor_last_at_idx ON shadow_actor (last_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON coverage_hour, coverage, coverage_start, shadow_actor TO sallyport_worker;
GRANT SELECT ON coverage_hour, coverage, coverage_start, shadow_actor TO sallyport_console;

-- What people decided about unregistered actors: records, changed with an entry each.
CREATE TABLE shadow_decision (
  fingerprint bytea NOT NULL CHECK (length(fingerprint) = 16),
  state text NOT NULL CHECK (state IN ('ignored')),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
  decided_by uuid NOT NULL,
  decided_at timestamptz(6) NOT NULL,
  until timestamptz(6),
  CONSTRAINT shadow_decision_pkey PRIMARY KEY (fingerprint),
  CONSTRAINT shadow_decision_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES person (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE identity_fingerprint (
  fingerprint bytea NOT NULL CHECK (length(fingerprint) = 16),
  identity_id uuid NOT NULL,
  since timestamptz(6) NOT NULL,
  CONSTRAINT identity_fingerprint_pkey PRIMARY KEY (fingerprint),
  CONSTRAINT identity_fingerprint_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX identity_fingerprint_identity_id_idx ON identity_fingerprint (identity_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON shadow_decision TO sallyport_console;
GRANT SELECT, INSERT ON identity_fingerprint TO sallyport_console;
INSERT INTO control_kind (name) VALUES ('shadow_ignored'), ('shadow_unignored');

-- An attributed interaction has no fingerprint and pays nothing for this.
CREATE INDEX interaction_fingerprint_idx ON interaction (fingerprint, received_at, shard, position)
  WHERE fingerprint IS NOT NULL;

-- When each actor was last heard of in each session, for a day: one row is looked up by its key, however many
-- entries a session has.
CREATE TABLE coverage_session (
  shard integer NOT NULL,
  session uuid NOT NULL,
  actor uuid NOT NULL,
  last_received_at timestamptz(3) NOT NULL,
  -- Of the last arrival: an index on it is not written for each entry.
  hour timestamptz(0) NOT NULL,
  CONSTRAINT coverage_session_pkey PRIMARY KEY (shard, session, actor)
) WITH (fillfactor = 80);
CREATE INDEX coverage_session_shard_hour_idx ON coverage_session (shard, hour);

-- How many names a reporter brought in an hour of arrival; those beyond its share are told under one.
CREATE TABLE shadow_name_hour (
  shard integer NOT NULL,
  reporter uuid NOT NULL,
  hour timestamptz(0) NOT NULL,
  names integer NOT NULL,
  CONSTRAINT shadow_name_hour_pkey PRIMARY KEY (shard, reporter, hour)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON coverage_session, shadow_name_hour TO sallyport_worker;

-- The newest names of each reporter are looked at, so that none pushes those of another off the list.
CREATE INDEX shadow_actor_reporter_last_at_idx ON shadow_actor (reporter, last_at);
DROP INDEX shadow_actor_last_at_idx;

-- What an actor declares of itself anyone can declare: a person decides on it as one reporter tells of it, and on
-- the kinds of interaction seen by then.
ALTER TABLE shadow_decision ADD COLUMN reporter uuid, ADD COLUMN kinds text[];
ALTER TABLE shadow_decision DROP CONSTRAINT shadow_decision_pkey;
INSERT INTO shadow_decision (fingerprint, reporter, kinds, state, reason, decided_by, decided_at, until)
  SELECT d.fingerprint, s.reporter, array_agg(DISTINCT s.kind), d.state, d.reason, d.decided_by, d.decided_at, d.until
  FROM shadow_decision d JOIN shadow_actor s ON s.fingerprint = d.fingerprint
  GROUP BY d.fingerprint, s.reporter, d.state, d.reason, d.decided_by, d.decided_at, d.until;
DELETE FROM shadow_decision WHERE reporter IS NULL;
ALTER TABLE shadow_decision ALTER COLUMN reporter SET NOT NULL,
  ADD CONSTRAINT shadow_decision_pkey PRIMARY KEY (fingerprint, reporter);

-- What was looked for is emptied by the worker too, whether or not anybody exports again. It reads no search.
GRANT SELECT (id, state, created_at, finished_at), UPDATE (search, state, finished_at), DELETE ON export_job TO sallyport_worker;

-- In which zone the days of rollup_day are counted, so that the projection knows when the organisation has another.
CREATE TABLE rollup_zone (
  zone text NOT NULL,
  CONSTRAINT rollup_zone_pkey PRIMARY KEY (zone)
);
-- Until an organisation is set up its days are those of UTC; whether any were counted before, nobody wrote down.
INSERT INTO rollup_zone (zone) SELECT 'unknown' WHERE EXISTS (SELECT FROM rollup_day);
GRANT SELECT, INSERT, DELETE ON rollup_zone TO sallyport_worker;

-- What a crash of PostgreSQL empties is what tells which entries are of one call: they would be counted twice.
ALTER TABLE call_id SET LOGGED;
ALTER TABLE exchange_end SET LOGGED;

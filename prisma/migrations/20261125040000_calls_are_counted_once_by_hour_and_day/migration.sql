-- What a later signal of the same call finds the earlier by: hashes of its ids within its session, for 48 hours.
-- Unlogged, as the next: random keys would double the WAL of ingest, and what a crash of the database empties
-- is at worst counted twice until the projection is rebuilt.
CREATE UNLOGGED TABLE call_id (
  key uuid NOT NULL,
  received_at timestamptz(3) NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  preference smallint NOT NULL,
  reporter uuid NOT NULL,
  ended_ns bigint NOT NULL,
  CONSTRAINT call_id_pkey PRIMARY KEY (key)
);
CREATE INDEX call_id_received_at_idx ON call_id (received_at);

-- What the other end of an exchange is found by: hashes of trace and span, and of trace and parent.
CREATE UNLOGGED TABLE exchange_end (
  span uuid NOT NULL,
  parent uuid,
  kind text NOT NULL,
  reporter uuid NOT NULL,
  identity uuid,
  received_at timestamptz(3) NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  CONSTRAINT exchange_end_pkey PRIMARY KEY (span)
);
CREATE INDEX exchange_end_parent_idx ON exchange_end (parent);
CREATE INDEX exchange_end_received_at_idx ON exchange_end (received_at);

-- Names of models and resources as senders wrote them, so that rollups hold ids only.
CREATE TABLE term (
  id uuid NOT NULL,
  text text NOT NULL,
  CONSTRAINT term_pkey PRIMARY KEY (id)
);
INSERT INTO term (id, text) VALUES
  ('00000000-0000-0000-0000-000000000000', ''),
  ('00000000-0000-0000-0000-000000000001', 'other'),
  ('00000000-0000-0000-0000-000000000002', '[erased]');

-- Which names the rollups took in by hour of arrival; what is beyond the bound of an hour is `other`.
CREATE TABLE term_hour (
  hour timestamptz(0) NOT NULL,
  shard integer NOT NULL,
  term uuid NOT NULL,
  CONSTRAINT term_hour_pkey PRIMARY KEY (hour, shard, term)
);

CREATE TABLE rollup_hour (
  at timestamptz(0) NOT NULL,
  shard integer NOT NULL,
  identity uuid NOT NULL,
  kind text NOT NULL,
  status text NOT NULL,
  resource_kind text NOT NULL,
  resource uuid NOT NULL,
  interactions bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cache_read_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL,
  cost_nano bigint NOT NULL,
  costed bigint NOT NULL,
  CONSTRAINT rollup_hour_pkey PRIMARY KEY (at, shard, identity, kind, status, resource_kind, resource)
);
CREATE TABLE rollup_day (
  at timestamptz(0) NOT NULL,
  shard integer NOT NULL,
  identity uuid NOT NULL,
  kind text NOT NULL,
  status text NOT NULL,
  resource_kind text NOT NULL,
  resource uuid NOT NULL,
  interactions bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cache_read_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL,
  cost_nano bigint NOT NULL,
  costed bigint NOT NULL,
  CONSTRAINT rollup_day_pkey PRIMARY KEY (at, shard, identity, kind, status, resource_kind, resource)
);

-- Of the key's seven columns the planner trusts the order in time too little, and would read the whole table.
CREATE INDEX rollup_hour_at_idx ON rollup_hour (at);
CREATE INDEX rollup_day_at_idx ON rollup_day (at);

CREATE FUNCTION term_id(name text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT encode(substring(sha256(convert_to(name, 'UTF8')) FOR 16), 'hex')::uuid
$$;

-- The organisation's time zone; UTC until it is set up, and where PostgreSQL does not know the one that was chosen.
CREATE FUNCTION organisation_zone() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  zone text;
BEGIN
  SELECT s.time_zone INTO zone FROM setting s;
  PERFORM now() AT TIME ZONE zone;
  RETURN coalesce(zone, 'UTC');
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN 'UTC';
END $$;

-- INVARIANT: a batch that is being counted holds this lock shared, so that it cannot write what is erased meanwhile.
CREATE FUNCTION forget_counted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  acted_on text := CASE WHEN OLD.resource_kind = 'model' THEN OLD.model WHEN OLD.resource_kind IS NOT NULL THEN OLD.resource END;
  gone uuid := term_id(acted_on);
  erased CONSTANT uuid := '00000000-0000-0000-0000-000000000002';
  rollup text;
BEGIN
  PERFORM pg_advisory_xact_lock(7305007);
  DELETE FROM entry_link l
    WHERE (l.received_at, l.shard, l.position) = (OLD.received_at, OLD.shard, OLD.position)
      OR (l.other_received_at, l.other_shard, l.other_position) = (OLD.received_at, OLD.shard, OLD.position);
  DELETE FROM call_id c WHERE (c.received_at, c.shard, c.position) = (OLD.received_at, OLD.shard, OLD.position);
  DELETE FROM exchange_end e WHERE (e.received_at, e.shard, e.position) = (OLD.received_at, OLD.shard, OLD.position);
  IF acted_on IS NULL
    OR EXISTS (SELECT FROM interaction i WHERE i.model = acted_on AND i.resource_kind = 'model')
    OR EXISTS (SELECT FROM interaction i WHERE i.resource = acted_on AND i.resource_kind <> 'model') THEN
    RETURN NULL;
  END IF;
  DELETE FROM term WHERE id = gone;
  DELETE FROM term_hour WHERE term = gone;
  FOREACH rollup IN ARRAY ARRAY['rollup_hour', 'rollup_day'] LOOP
    EXECUTE format(
      'WITH old AS (DELETE FROM %1$I WHERE resource = $1 RETURNING *)
       INSERT INTO %1$I AS r SELECT at, shard, identity, kind, status, resource_kind, $2, interactions, input_tokens,
         output_tokens, cache_read_tokens, cache_write_tokens, cost_nano, costed FROM old
       ON CONFLICT (at, shard, identity, kind, status, resource_kind, resource) DO UPDATE SET
         interactions = r.interactions + excluded.interactions,
         input_tokens = least(r.input_tokens::numeric + excluded.input_tokens, 9223372036854775807)::bigint,
         output_tokens = least(r.output_tokens::numeric + excluded.output_tokens, 9223372036854775807)::bigint,
         cache_read_tokens = least(r.cache_read_tokens::numeric + excluded.cache_read_tokens, 9223372036854775807)::bigint,
         cache_write_tokens = least(r.cache_write_tokens::numeric + excluded.cache_write_tokens, 9223372036854775807)::bigint,
         cost_nano = least(r.cost_nano::numeric + excluded.cost_nano, 9223372036854775807)::bigint,
         costed = r.costed + excluded.costed', rollup) USING gone, erased;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER interaction_forgets_counted AFTER DELETE ON interaction FOR EACH ROW EXECUTE FUNCTION forget_counted();
ALTER TABLE interaction ENABLE ALWAYS TRIGGER interaction_forgets_counted;
-- A clone of a trigger does not inherit ALWAYS from its parent.
DO $$
DECLARE
  part record;
BEGIN
  FOR part IN SELECT inhrelid::regclass AS name FROM pg_inherits WHERE inhparent = 'interaction'::regclass LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER interaction_forgets_counted', part.name);
  END LOOP;
END $$;

REVOKE ALL ON FUNCTION term_id(text), organisation_zone(), forget_counted() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION term_id(text), organisation_zone() TO sallyport_worker, sallyport_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON call_id TO sallyport_worker;
GRANT SELECT, INSERT, DELETE ON exchange_end, term, term_hour TO sallyport_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON rollup_hour, rollup_day TO sallyport_worker;
GRANT SELECT ON term, rollup_hour, rollup_day TO sallyport_console;

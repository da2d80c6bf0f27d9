-- Arrivals by the minute are the health of ingest, and no more.
CREATE TABLE arrival_minute (
  minute timestamptz(0) NOT NULL,
  shard integer NOT NULL,
  interactions bigint NOT NULL,
  CONSTRAINT arrival_minute_pkey PRIMARY KEY (minute, shard)
);
INSERT INTO arrival_minute SELECT minute, shard, sum(interactions)::bigint FROM rollup_minute GROUP BY 1, 2;
DROP TABLE rollup_minute;
UPDATE projection_cursor SET projection = 'arrivals' WHERE projection = 'rollup_minute';
GRANT SELECT, INSERT, UPDATE, DELETE ON arrival_minute TO sallyport_worker;
GRANT SELECT ON arrival_minute TO sallyport_console;

-- What happened, by the minute, for two days: the same as by the hour and by the day.
CREATE TABLE rollup_minute (
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
  CONSTRAINT rollup_minute_pkey PRIMARY KEY (at, shard, identity, kind, status, resource_kind, resource)
);
CREATE INDEX rollup_minute_at_idx ON rollup_minute (at);
GRANT SELECT, INSERT, UPDATE, DELETE ON rollup_minute TO sallyport_worker;
GRANT SELECT ON rollup_minute TO sallyport_console;

CREATE OR REPLACE FUNCTION forget_counted() RETURNS trigger
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
  FOREACH rollup IN ARRAY ARRAY['rollup_minute', 'rollup_hour', 'rollup_day'] LOOP
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

-- The facts of data points, as `interaction` holds those of spans and log records.
CREATE TABLE measurement (
  received_at timestamptz(3) NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  reporter uuid NOT NULL,
  identity uuid,
  vantage text NOT NULL,
  fingerprint bytea,
  declared_name text,
  declared_id text,
  declared_version text,
  service text,
  environment text,
  on_behalf_of text,
  session uuid,
  conversation text,
  name text NOT NULL,
  unit text,
  form text NOT NULL CHECK (form IN ('gauge', 'sum', 'histogram', 'exponential_histogram', 'summary')),
  temporality text CHECK (temporality IN ('delta', 'cumulative')),
  monotonic boolean,
  started_ns bigint,
  ended_ns bigint NOT NULL,
  value double precision,
  count bigint,
  sum double precision,
  min double precision,
  max double precision,
  provider text,
  model text,
  token_type text,
  tool text,
  error_type text,
  marks integer NOT NULL,
  redacted text,
  bodies bytea NOT NULL,
  salt bytea NOT NULL,
  CONSTRAINT measurement_pkey PRIMARY KEY (received_at, shard, position)
) PARTITION BY RANGE (received_at);
-- What is compared with a count is one metric over some days.
CREATE INDEX measurement_name_received_at_idx ON measurement (name, received_at);

CREATE TRIGGER measurement_no_update BEFORE UPDATE ON measurement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER measurement_no_delete BEFORE DELETE ON measurement FOR EACH ROW EXECUTE FUNCTION refuse_delete_unless_erasing();
ALTER TABLE measurement ENABLE ALWAYS TRIGGER measurement_no_update;
ALTER TABLE measurement ENABLE ALWAYS TRIGGER measurement_no_delete;
CREATE TRIGGER measurement_no_truncate BEFORE TRUNCATE ON measurement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO partitioned_table (name, expires_with) VALUES ('measurement', 'facts');
SELECT ensure_partitions((now() AT TIME ZONE 'UTC')::date, (now() AT TIME ZONE 'UTC')::date + 7);

-- Removes what one measurement says, not that it was, as erase_entry does of an interaction with scope 'all'.
-- Returns false when there was nothing left to remove. The tombstone is appended in the same transaction.
CREATE FUNCTION erase_measurement(at timestamptz, in_shard integer, at_position bigint, why text, by_whom text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  removed integer := 0;
BEGIN
  IF why IS NULL OR by_whom IS NULL OR length(why) NOT BETWEEN 1 AND 1000 OR length(by_whom) NOT BETWEEN 1 AND 200 THEN
    RAISE EXCEPTION 'an erasure needs a reason and a name';
  END IF;
  PERFORM set_config('sallyport.erasing', 'on', true);
  DELETE FROM measurement m WHERE m.received_at = at AND m.shard = in_shard AND m.position = at_position;
  GET DIAGNOSTICS removed = ROW_COUNT;
  -- Only what belongs to it: a body may be that of an interaction, which erase_entry erases whole.
  IF removed > 0 THEN
    DELETE FROM body b WHERE b.received_at = at AND b.shard = in_shard AND b.position = at_position;
  END IF;
  PERFORM set_config('sallyport.erasing', 'off', true);
  IF removed = 0 THEN RETURN false; END IF;
  PERFORM write_control('entry_erased',
    '{"by":' || to_json(by_whom)::text || ',"entry":{"position":' || at_position || ',"received_at":"'
    || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","shard":' || in_shard || '},"reason":'
    || to_json(why)::text || ',"scope":"all"}');
  RETURN true;
END $$;

-- A tombstone that says 'all' while the facts are still there would be a lie.
CREATE FUNCTION refuse_half_erasure() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  told json := NEW.facts::json;
BEGIN
  IF told->>'scope' = 'all' AND EXISTS (SELECT FROM measurement m
    WHERE m.received_at = (told->'entry'->>'received_at')::timestamptz
      AND m.shard = (told->'entry'->>'shard')::integer AND m.position = (told->'entry'->>'position')::bigint) THEN
    RAISE EXCEPTION 'erase_measurement erases a measurement' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER control_event_tells_no_half_erasure AFTER INSERT ON control_event
  FOR EACH ROW WHEN (NEW.kind = 'entry_erased') EXECUTE FUNCTION refuse_half_erasure();

REVOKE ALL ON FUNCTION erase_measurement(timestamptz, integer, bigint, text, text), refuse_half_erasure() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_measurement(timestamptz, integer, bigint, text, text) TO sallyport_console;
GRANT INSERT ON measurement TO sallyport_gateway;
GRANT SELECT ON measurement TO sallyport_worker, sallyport_console;

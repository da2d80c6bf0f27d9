-- The audit page: the newest of one kind, and the newest of one person or operator, across all days.
CREATE INDEX control_event_kind_received_at_shard_position_idx ON control_event (kind, received_at, shard, position);
-- Entries from before `by` was written everywhere name a `person`. PostgreSQL reads no text with a null character in
-- it, which JSON may hold: it is read as another one, so that an entry with one is still taken.
CREATE INDEX control_event_who_idx ON control_event (
  left(coalesce(replace(facts, '\u0000', '\u0001')::json ->> 'by',
    'person:' || (replace(facts, '\u0000', '\u0001')::json ->> 'person')), 200),
  received_at, shard, position);

INSERT INTO control_kind (name) VALUES ('audit_exported'), ('audit_export_finished');

-- Where whoever erases is, and by which sign-in, stands in the tombstone too.
DROP FUNCTION erase_entry(timestamptz, integer, bigint, text, text, text);
DROP FUNCTION erase_measurement(timestamptz, integer, bigint, text, text);
DROP FUNCTION erase_quarantined(uuid, text, text);

-- The facts of an erasure, as RFC 8785 orders them; `what` is its members between `by` and `reason`.
CREATE FUNCTION erasure_facts(by_whom text, address text, sign_in text, what text, why text, scope text)
RETURNS text LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF why IS NULL OR by_whom IS NULL OR length(why) NOT BETWEEN 1 AND 1000 OR length(by_whom) NOT BETWEEN 1 AND 200
     OR length(address) > 100 OR length(sign_in) > 100 THEN
    RAISE EXCEPTION 'an erasure needs a reason and a name';
  END IF;
  RETURN '{' || coalesce('"address":' || to_json(address)::text || ',', '') || '"by":' || to_json(by_whom)::text
    || ',' || what || ',"reason":' || to_json(why)::text || coalesce(',"scope":"' || scope || '"', '')
    || coalesce(',"sign_in":' || to_json(sign_in)::text, '') || '}';
END $$;

CREATE FUNCTION erase_entry(at timestamptz, in_shard integer, at_position bigint, scope text, reason text, by_whom text,
  from_address text DEFAULT NULL, in_sign_in text DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  removed integer := 0;
  n integer;
  told text;
BEGIN
  IF scope IS NULL OR scope NOT IN ('all', 'bodies') THEN RAISE EXCEPTION 'scope is all or bodies'; END IF;
  told := erasure_facts(by_whom, from_address, in_sign_in, '"entry":{"position":' || at_position || ',"received_at":"'
    || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","shard":' || in_shard || '}', reason, scope);
  PERFORM set_config('sallyport.erasing', 'on', true);
  DELETE FROM body b WHERE b.received_at = at AND b.shard = in_shard AND b.position = at_position;
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF scope = 'all' THEN
    DELETE FROM interaction i WHERE i.received_at = at AND i.shard = in_shard AND i.position = at_position;
    GET DIAGNOSTICS n = ROW_COUNT;
    removed := removed + n;
  END IF;
  PERFORM set_config('sallyport.erasing', 'off', true);
  IF removed = 0 THEN RETURN false; END IF;
  PERFORM write_control('entry_erased', told);
  RETURN true;
END $$;

CREATE FUNCTION erase_measurement(at timestamptz, in_shard integer, at_position bigint, why text, by_whom text,
  from_address text DEFAULT NULL, in_sign_in text DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  removed integer;
  told text := erasure_facts(by_whom, from_address, in_sign_in, '"entry":{"position":' || at_position || ',"received_at":"'
    || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","shard":' || in_shard || '}', why, 'all');
BEGIN
  PERFORM set_config('sallyport.erasing', 'on', true);
  DELETE FROM measurement m WHERE m.received_at = at AND m.shard = in_shard AND m.position = at_position;
  GET DIAGNOSTICS removed = ROW_COUNT;
  -- Only what belongs to it: a body may be that of an interaction, which erase_entry erases whole.
  IF removed > 0 THEN
    DELETE FROM body b WHERE b.received_at = at AND b.shard = in_shard AND b.position = at_position;
  END IF;
  PERFORM set_config('sallyport.erasing', 'off', true);
  IF removed = 0 THEN RETURN false; END IF;
  PERFORM write_control('entry_erased', told);
  RETURN true;
END $$;

CREATE FUNCTION erase_quarantined(item_id uuid, why text, by_whom text,
  from_address text DEFAULT NULL, in_sign_in text DEFAULT NULL)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  told text := erasure_facts(by_whom, from_address, in_sign_in, '"item":"' || item_id || '"', why, NULL);
BEGIN
  UPDATE quarantine q SET item = NULL, key_id = NULL, replay_state = nullif(q.replay_state, 'requested')
    WHERE q.id = item_id AND q.item IS NOT NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM write_control('quarantined_erased', told);
  RETURN true;
END $$;

REVOKE ALL ON FUNCTION erasure_facts(text, text, text, text, text, text),
  erase_entry(timestamptz, integer, bigint, text, text, text, text, text),
  erase_measurement(timestamptz, integer, bigint, text, text, text, text),
  erase_quarantined(uuid, text, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_entry(timestamptz, integer, bigint, text, text, text, text, text),
  erase_measurement(timestamptz, integer, bigint, text, text, text, text),
  erase_quarantined(uuid, text, text, text, text) TO sallyport_console;

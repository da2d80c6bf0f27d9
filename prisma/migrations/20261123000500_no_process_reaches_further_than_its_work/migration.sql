-- What a process may do with the functions and columns it was given, once somebody else has taken it over.

-- The control shard. Its row is the owner's, whom row-level security does not bind: a gateway could otherwise
-- move its head, or only lock it and so stop everything that must be on record.
ALTER TABLE shard ENABLE ROW LEVEL SECURITY;
CREATE POLICY shard_is_read_by_all ON shard FOR SELECT USING (true);
CREATE POLICY shard_is_added_by_gateways ON shard FOR INSERT TO sallyport_gateway WITH CHECK (id > 0);
CREATE POLICY shard_is_moved_by_gateways ON shard FOR UPDATE TO sallyport_gateway USING (id > 0) WITH CHECK (id > 0);

-- Entries of the control shard are written by whoever may write control events, which is the owner. A row
-- trigger would end COPY's inserting of many rows at once, and COPY takes no row-level security.
ALTER TABLE log_entry ADD CONSTRAINT log_entry_control_shard_is_the_owners
  CHECK (shard > 0 OR has_table_privilege('control_event'::regclass, 'INSERT'));

CREATE OR REPLACE FUNCTION ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  today date := (now() AT TIME ZONE 'UTC')::date;
  parent text;
  part text;
  guard text;
  day date;
  made integer := 0;
BEGIN
  IF first_day IS NULL OR last_day IS NULL OR first_day < today - 400 OR last_day > today + 31 THEN
    RAISE EXCEPTION 'partitions are made from 400 days ago to 31 days ahead';
  END IF;
  PERFORM pg_advisory_xact_lock(7305001);
  FOREACH parent IN ARRAY ARRAY['log_entry', 'interaction', 'control_event', 'body'] LOOP
    FOR day IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
      part := parent || '_' || to_char(day, 'YYYYMMDD');
      IF to_regclass('public.' || part) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
          part, parent, day::timestamptz, (day + 1)::timestamptz);
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
          part || '_no_truncate', part);
        -- A clone of a trigger does not inherit ALWAYS from its parent.
        FOR guard IN SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass('public.' || part) AND NOT tgisinternal LOOP
          EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', part, guard);
        END LOOP;
        made := made + 1;
      END IF;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;

-- The one way into the control shard, for the functions below; granted to nobody.
-- facts is RFC 8785 JSON. The leaf is that of lib/log/leaf.ts with no bodies and no reporter.
CREATE FUNCTION write_control(entry_kind text, entry_facts text)
RETURNS TABLE (received_at timestamptz, shard integer, "position" bigint, leaf bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
#variable_conflict use_column
DECLARE
  entry_salt bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  entry_at timestamptz(3);
  entry_position bigint;
  entry_leaf bytea;
  is_object boolean := false;
BEGIN
  IF entry_kind IS NULL OR entry_kind !~ '^[a-z][a-z_]{2,63}$' THEN RAISE EXCEPTION 'an entry kind is lower case letters and underscores'; END IF;
  IF length(entry_facts) > 262144 THEN RAISE EXCEPTION 'the facts of a control entry are at most 256 KiB'; END IF;
  -- The cast's own error would quote the facts.
  BEGIN
    is_object := json_typeof(entry_facts::json) = 'object';
  EXCEPTION WHEN data_exception THEN NULL;
  END;
  IF is_object IS NOT TRUE THEN RAISE EXCEPTION 'the facts of a control entry are a JSON object'; END IF;
  -- The row lock is held until commit: positions are in commit order, arrival never goes back.
  UPDATE shard s SET next_position = s.next_position + 1,
    last_received_at = greatest(date_trunc('milliseconds', clock_timestamp()), s.last_received_at)
    WHERE s.id = 0 RETURNING s.next_position - 1, s.last_received_at INTO entry_position, entry_at;
  PERFORM ensure_partitions((entry_at AT TIME ZONE 'UTC')::date, (entry_at AT TIME ZONE 'UTC')::date)
    WHERE to_regclass('public.log_entry_' || to_char(entry_at, 'YYYYMMDD')) IS NULL;
  entry_leaf := sha256('\x00'::bytea || convert_to(
    '{"bodies":[],"facts":"' || encode(sha256(entry_salt || convert_to(entry_facts, 'UTF8')), 'hex')
    || '","kind":"' || entry_kind || '","received_at":"'
    || to_char(entry_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","reporter":null,"v":1}', 'UTF8'));
  INSERT INTO control_event (received_at, shard, position, kind, facts, salt)
    VALUES (entry_at, 0, entry_position, entry_kind, entry_facts, entry_salt);
  INSERT INTO log_entry (received_at, shard, position, kind, reporter, leaf)
    VALUES (entry_at, 0, entry_position, entry_kind, NULL, entry_leaf);
  RETURN QUERY SELECT entry_at::timestamptz, 0, entry_position, entry_leaf;
END $$;

-- INVARIANT: who is no owner appends only the kinds listed, so none can feign an erasure or an expiry.
CREATE OR REPLACE FUNCTION append_control(entry_kind text, entry_facts text)
RETURNS TABLE (received_at timestamptz, shard integer, "position" bigint, leaf bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  IF NOT pg_has_role(session_user, current_user, 'MEMBER') AND (entry_kind = ANY (ARRAY[
    'sign_in_refused', 'signed_in', 'signed_out', 'setup_code_created', 'setup_code_refused',
    'organisation_set_up', 'person_created', 'identity_created', 'credential_issued', 'credential_revoked',
    'content_opened', 'quarantined_item_opened', 'quarantine_replay_requested'
  ])) IS NOT TRUE THEN
    RAISE EXCEPTION 'this login appends no entry of this kind' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT * FROM write_control(entry_kind, entry_facts);
END $$;

CREATE OR REPLACE FUNCTION erase_entry(at timestamptz, in_shard integer, at_position bigint, scope text, reason text, by_whom text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  removed integer := 0;
  n integer;
BEGIN
  IF scope NOT IN ('all', 'bodies') THEN RAISE EXCEPTION 'scope is all or bodies'; END IF;
  IF length(reason) NOT BETWEEN 1 AND 1000 OR length(by_whom) NOT BETWEEN 1 AND 200 THEN
    RAISE EXCEPTION 'an erasure needs a reason and a name';
  END IF;
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
  PERFORM write_control('entry_erased',
    '{"by":' || to_json(by_whom)::text || ',"entry":{"position":' || at_position || ',"received_at":"'
    || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","shard":' || in_shard || '},"reason":'
    || to_json(reason)::text || ',"scope":"' || scope || '"}');
  RETURN true;
END $$;

-- Removes the bytes of a refused item; that it was refused, when and why stays.
CREATE FUNCTION erase_quarantined(item_id uuid, why text, by_whom text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  IF why IS NULL OR by_whom IS NULL OR length(why) NOT BETWEEN 1 AND 1000 OR length(by_whom) NOT BETWEEN 1 AND 200 THEN
    RAISE EXCEPTION 'an erasure needs a reason and a name';
  END IF;
  UPDATE quarantine q SET item = NULL, key_id = NULL, replay_state = nullif(q.replay_state, 'requested')
    WHERE q.id = item_id AND q.item IS NOT NULL;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM write_control('quarantined_erased',
    '{"by":' || to_json(by_whom)::text || ',"item":"' || item_id || '","reason":' || to_json(why)::text || '}');
  RETURN true;
END $$;

-- An item that was stored after all is in its entry, where an erasure finds it.
GRANT UPDATE (item, key_id) ON quarantine TO sallyport_gateway;
UPDATE quarantine SET item = NULL, key_id = NULL WHERE replay_state = 'accepted' AND item IS NOT NULL;

CREATE INDEX quarantine_replay_requested_idx ON quarantine (received_at, id) WHERE replay_state = 'requested';

-- The first days that are kept. What is asked for can only keep more than the settings say, and a day at least.
CREATE FUNCTION kept_from(asked_bodies date, asked_facts date, OUT bodies date, OUT facts date)
LANGUAGE plpgsql SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
  IF asked_bodies IS NULL OR asked_facts IS NULL THEN RAISE EXCEPTION 'a day is missing'; END IF;
  SELECT today - s.retention_body_days, today - s.retention_facts_days INTO bodies, facts FROM setting s;
  bodies := least(asked_bodies, coalesce(bodies, today - 1));
  -- Facts are never dropped before bodies.
  facts := least(asked_facts, coalesce(facts, today - 1), bodies);
END $$;

CREATE OR REPLACE FUNCTION expire_days(bodies_before date, facts_before date)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  kept record;
  part record;
  dropped text[] := '{}';
BEGIN
  SELECT * INTO kept FROM kept_from(bodies_before, facts_before);
  FOR part IN
    SELECT c.relname, p.relname AS parent, to_date(right(c.relname, 8), 'YYYYMMDD') AS day
    FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_class p ON p.oid = h.inhparent
    WHERE p.relnamespace = 'public'::regnamespace AND p.relname IN ('body', 'interaction')
    ORDER BY c.relname
  LOOP
    IF part.day < (CASE part.parent WHEN 'body' THEN kept.bodies ELSE kept.facts END) THEN
      EXECUTE format('DROP TABLE %I', part.relname);
      dropped := dropped || part.relname::text;
    END IF;
  END LOOP;
  IF cardinality(dropped) > 0 THEN
    PERFORM write_control('days_expired',
      '{"bodies_before":"' || to_char(kept.bodies, 'YYYY-MM-DD') || '","facts_before":"'
      || to_char(kept.facts, 'YYYY-MM-DD') || '","partitions":' || array_to_json(dropped)::text || '}');
  END IF;
  RETURN cardinality(dropped);
END $$;

-- One batch of refused items whose days are over, which go with bodies. Returns how many there were.
CREATE FUNCTION expire_quarantined(bodies_before date, at_most integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  first_kept date := (kept_from(bodies_before, bodies_before)).bodies;
  removed integer;
BEGIN
  DELETE FROM quarantine q WHERE q.id = ANY (ARRAY(
    SELECT o.id FROM quarantine o WHERE o.received_at < first_kept ORDER BY o.received_at, o.id LIMIT at_most));
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

-- INVARIANT: a name means one identity. Two that are registered at once cannot see each other, so they queue.
CREATE FUNCTION refuse_taken_names() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  claimed text[] := NEW.name || coalesce(NEW.names, '{}');
BEGIN
  PERFORM pg_advisory_xact_lock(7305004);
  IF EXISTS (SELECT FROM identity i WHERE i.id <> NEW.id AND (i.name = ANY (claimed) OR i.names && claimed)) THEN
    RAISE EXCEPTION 'another identity has this name' USING ERRCODE = 'unique_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER identity_names_are_its_own AFTER INSERT OR UPDATE OF name, names ON identity
  FOR EACH ROW EXECUTE FUNCTION refuse_taken_names();

REVOKE ALL ON FUNCTION write_control(text, text), erase_quarantined(uuid, text, text), kept_from(date, date),
  expire_quarantined(date, integer), refuse_taken_names() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION append_control(text, text) FROM sallyport_gateway, sallyport_worker;
GRANT EXECUTE ON FUNCTION erase_quarantined(uuid, text, text) TO sallyport_console;
GRANT EXECUTE ON FUNCTION expire_quarantined(date, integer) TO sallyport_worker;

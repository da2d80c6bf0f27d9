-- Which tables have a partition for each day of arrival, and with what their days expire: null is never.
CREATE TABLE partitioned_table (
  name text NOT NULL,
  expires_with text CHECK (expires_with IN ('bodies', 'facts')),
  CONSTRAINT partitioned_table_pkey PRIMARY KEY (name)
);
INSERT INTO partitioned_table (name, expires_with)
  VALUES ('log_entry', NULL), ('interaction', 'facts'), ('control_event', NULL), ('body', 'bodies');

-- Which entries of the control shard processes may append. Nobody but the owner writes here.
CREATE TABLE control_kind (
  name text NOT NULL CHECK (name ~ '^[a-z][a-z_]{2,63}$'),
  CONSTRAINT control_kind_pkey PRIMARY KEY (name)
);
INSERT INTO control_kind (name) SELECT unnest(ARRAY[
  'sign_in_refused', 'signed_in', 'signed_out', 'setup_code_created', 'setup_code_refused',
  'organisation_set_up', 'person_created', 'identity_created', 'credential_issued', 'credential_revoked',
  'content_opened', 'quarantined_item_opened', 'quarantine_replay_requested'
]);

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
  FOR parent IN SELECT p.name FROM partitioned_table p ORDER BY p.name LOOP
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

CREATE OR REPLACE FUNCTION expire_days(bodies_before date, facts_before date)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  kept record;
  part record;
  dropped text[] := '{}';
BEGIN
  SELECT * INTO kept FROM kept_from(bodies_before, facts_before);
  FOR part IN
    SELECT c.relname, t.expires_with, to_date(right(c.relname, 8), 'YYYYMMDD') AS day
    FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_class p ON p.oid = h.inhparent
      JOIN partitioned_table t ON t.name = p.relname
    WHERE p.relnamespace = 'public'::regnamespace AND t.expires_with IS NOT NULL
    ORDER BY c.relname
  LOOP
    IF part.day < (CASE part.expires_with WHEN 'bodies' THEN kept.bodies ELSE kept.facts END) THEN
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

-- INVARIANT: who is no owner appends only the kinds listed, so none can feign an erasure or an expiry.
CREATE OR REPLACE FUNCTION append_control(entry_kind text, entry_facts text)
RETURNS TABLE (received_at timestamptz, shard integer, "position" bigint, leaf bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  IF NOT pg_has_role(session_user, current_user, 'MEMBER')
     AND NOT EXISTS (SELECT FROM control_kind k WHERE k.name = entry_kind) THEN
    RAISE EXCEPTION 'this login appends no entry of this kind' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT * FROM write_control(entry_kind, entry_facts);
END $$;

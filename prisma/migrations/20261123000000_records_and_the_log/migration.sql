-- Records: ordinary tables.
CREATE TABLE setting (
  id integer NOT NULL DEFAULT 1 CHECK (id = 1),
  organisation text NOT NULL,
  time_zone text NOT NULL,
  content text NOT NULL CHECK (content IN ('keep', 'redact', 'digest')),
  retention_body_days integer NOT NULL CHECK (retention_body_days >= 1),
  retention_facts_days integer NOT NULL CHECK (retention_facts_days >= retention_body_days),
  created_at timestamptz(6) NOT NULL,
  CONSTRAINT setting_pkey PRIMARY KEY (id)
);

CREATE TABLE person (
  id uuid NOT NULL,
  email text NOT NULL CHECK (email = lower(email)),
  name text NOT NULL,
  password_hash text NOT NULL,
  roles text[],
  created_at timestamptz(6) NOT NULL,
  disabled_at timestamptz(6),
  CONSTRAINT person_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX person_email_key ON person (email);

CREATE TABLE sign_in (
  id uuid NOT NULL,
  token_hash bytea NOT NULL,
  person_id uuid NOT NULL,
  address text NOT NULL,
  user_agent text NOT NULL,
  created_at timestamptz(6) NOT NULL,
  factor_at timestamptz(6),
  last_seen_at timestamptz(6) NOT NULL,
  expires_at timestamptz(6) NOT NULL,
  ended_at timestamptz(6),
  CONSTRAINT sign_in_pkey PRIMARY KEY (id),
  CONSTRAINT sign_in_person_id_fkey FOREIGN KEY (person_id) REFERENCES person (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX sign_in_token_hash_key ON sign_in (token_hash);
CREATE INDEX sign_in_person_id_idx ON sign_in (person_id);

CREATE TABLE throttle (
  key text NOT NULL,
  failures integer NOT NULL,
  until timestamptz(6) NOT NULL,
  CONSTRAINT throttle_pkey PRIMARY KEY (key)
);

CREATE TABLE setup_code (
  id uuid NOT NULL,
  hash bytea NOT NULL,
  created_at timestamptz(6) NOT NULL,
  expires_at timestamptz(6) NOT NULL,
  wrong_tries integer NOT NULL DEFAULT 0,
  used_at timestamptz(6),
  CONSTRAINT setup_code_pkey PRIMARY KEY (id)
);

CREATE TABLE identity (
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('agent', 'daemon', 'service', 'external_api')),
  name text NOT NULL,
  names text[],
  state text NOT NULL CHECK (state IN ('proposed', 'active', 'suspended', 'decommissioned')),
  reports_for_all boolean NOT NULL DEFAULT false,
  created_at timestamptz(6) NOT NULL,
  CONSTRAINT identity_pkey PRIMARY KEY (id),
  -- Only a collector, which is a service, may speak for others.
  CONSTRAINT identity_reports_for_all_service CHECK (NOT reports_for_all OR kind = 'service')
);
CREATE UNIQUE INDEX identity_name_key ON identity (name);

CREATE TABLE identity_reports_for (
  reporter_id uuid NOT NULL,
  identity_id uuid NOT NULL,
  CONSTRAINT identity_reports_for_pkey PRIMARY KEY (reporter_id, identity_id),
  CONSTRAINT identity_reports_for_reporter_id_fkey FOREIGN KEY (reporter_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT identity_reports_for_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE credential (
  id uuid NOT NULL,
  identity_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('ingest_key')),
  hash bytea NOT NULL CHECK (length(hash) = 32),
  hint text NOT NULL,
  created_at timestamptz(6) NOT NULL,
  expires_at timestamptz(6) NOT NULL,
  revoked_at timestamptz(6),
  last_used_at timestamptz(6),
  CONSTRAINT credential_pkey PRIMARY KEY (id),
  CONSTRAINT credential_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT credential_lives_90_days CHECK (expires_at <= created_at + interval '90 days')
);
CREATE UNIQUE INDEX credential_hash_key ON credential (hash);
CREATE INDEX credential_identity_id_idx ON credential (identity_id);

CREATE TABLE data_key (
  id uuid NOT NULL,
  purpose text NOT NULL,
  wrapped bytea NOT NULL,
  kek_id text NOT NULL,
  created_at timestamptz(6) NOT NULL,
  CONSTRAINT data_key_pkey PRIMARY KEY (id)
);

-- The log: shards, entries, facts, bodies.
CREATE TABLE shard (
  id integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('control', 'telemetry', 'decision')),
  next_position bigint NOT NULL DEFAULT 0,
  last_received_at timestamptz(6),
  created_at timestamptz(6) NOT NULL,
  CONSTRAINT shard_pkey PRIMARY KEY (id),
  CONSTRAINT shard_zero_is_control CHECK ((id = 0) = (kind = 'control'))
);
INSERT INTO shard (id, kind, created_at) VALUES (0, 'control', now());

CREATE TABLE log_entry (
  received_at timestamptz(3) NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  kind text NOT NULL,
  reporter uuid,
  leaf bytea NOT NULL,
  CONSTRAINT log_entry_pkey PRIMARY KEY (received_at, shard, position)
) PARTITION BY RANGE (received_at);

CREATE TABLE interaction (
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
  session uuid NOT NULL,
  conversation text,
  trace bytea,
  span bytea,
  parent bytea,
  dialect text NOT NULL,
  kind text NOT NULL,
  operation text,
  name text NOT NULL,
  provider text,
  model text,
  request_model text,
  resource_kind text,
  resource text,
  status text NOT NULL,
  error_type text,
  started_ns bigint NOT NULL,
  ended_ns bigint NOT NULL,
  input_tokens bigint,
  output_tokens bigint,
  cache_read_tokens bigint,
  cache_write_tokens bigint,
  reasoning_tokens bigint,
  cost double precision,
  cost_source text,
  client_address text,
  client_port integer,
  server_address text,
  server_port integer,
  marks integer NOT NULL,
  redacted text,
  bodies bytea NOT NULL,
  salt bytea NOT NULL,
  CONSTRAINT interaction_pkey PRIMARY KEY (received_at, shard, position)
) PARTITION BY RANGE (received_at);
CREATE INDEX interaction_identity_received_at_shard_position_idx ON interaction (identity, received_at, shard, position);
CREATE INDEX interaction_session_idx ON interaction (session);
-- Errors are rare and asked for newest first; see EXPLAIN in tests/bench/inventory.ts.
CREATE INDEX interaction_errors_idx ON interaction (kind, received_at, shard, position) WHERE status = 'error';

CREATE TABLE control_event (
  received_at timestamptz(3) NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  kind text NOT NULL,
  facts text NOT NULL,
  salt bytea NOT NULL,
  CONSTRAINT control_event_pkey PRIMARY KEY (received_at, shard, position)
) PARTITION BY RANGE (received_at);

CREATE TABLE body (
  received_at timestamptz(3) NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  key_id uuid NOT NULL,
  content bytea NOT NULL,
  CONSTRAINT body_pkey PRIMARY KEY (received_at, shard, position)
) PARTITION BY RANGE (received_at);
-- Ciphertext does not compress; what was worth compressing was compressed before.
ALTER TABLE body ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE seen (
  key bytea NOT NULL,
  digest bytea NOT NULL,
  received_at timestamptz(3) NOT NULL,
  CONSTRAINT seen_pkey PRIMARY KEY (key)
);
CREATE INDEX seen_received_at_idx ON seen (received_at);

CREATE TABLE quarantine (
  id uuid NOT NULL,
  received_at timestamptz(3) NOT NULL,
  reporter uuid NOT NULL,
  signal text NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL,
  bytes integer NOT NULL,
  digest bytea NOT NULL,
  key_id uuid,
  item bytea,
  replayed_at timestamptz(6),
  replay_state text,
  CONSTRAINT quarantine_pkey PRIMARY KEY (id)
);
CREATE INDEX quarantine_received_at_id_idx ON quarantine (received_at, id);

-- Projections and what processes tell of themselves.
CREATE TABLE projection_cursor (
  projection text NOT NULL,
  shard integer NOT NULL,
  received_at timestamptz(3) NOT NULL,
  position bigint NOT NULL,
  moved_at timestamptz(6) NOT NULL,
  CONSTRAINT projection_cursor_pkey PRIMARY KEY (projection, shard)
);

CREATE TABLE rollup_minute (
  minute timestamptz(0) NOT NULL,
  shard integer NOT NULL,
  identity uuid NOT NULL,
  kind text NOT NULL,
  status text NOT NULL,
  interactions bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cost double precision NOT NULL,
  CONSTRAINT rollup_minute_pkey PRIMARY KEY (minute, shard, identity, kind, status)
);

CREATE TABLE process_status (
  id uuid NOT NULL,
  role text NOT NULL,
  version text NOT NULL,
  started_at timestamptz(6) NOT NULL,
  seen_at timestamptz(6) NOT NULL,
  figures jsonb NOT NULL,
  CONSTRAINT process_status_pkey PRIMARY KEY (id)
);

-- What the log promises, kept by the database itself.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: the log is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- INVARIANT: facts and bodies go only through the functions below, which set this for their own transaction.
-- The setting is no permission: DELETE is granted to nobody, the trigger stops the owner's own slips.
CREATE FUNCTION refuse_delete_unless_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('sallyport.erasing', true) = 'on' THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'DELETE on % is refused: erase the entry instead', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER log_entry_append_only BEFORE UPDATE OR DELETE ON log_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER control_event_append_only BEFORE UPDATE OR DELETE ON control_event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER interaction_no_update BEFORE UPDATE ON interaction FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER interaction_no_delete BEFORE DELETE ON interaction FOR EACH ROW EXECUTE FUNCTION refuse_delete_unless_erasing();
CREATE TRIGGER body_no_update BEFORE UPDATE ON body FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER body_no_delete BEFORE DELETE ON body FOR EACH ROW EXECUTE FUNCTION refuse_delete_unless_erasing();
-- ALWAYS: they fire for a session in replica role too.
ALTER TABLE log_entry ENABLE ALWAYS TRIGGER log_entry_append_only;
ALTER TABLE control_event ENABLE ALWAYS TRIGGER control_event_append_only;
ALTER TABLE interaction ENABLE ALWAYS TRIGGER interaction_no_update;
ALTER TABLE interaction ENABLE ALWAYS TRIGGER interaction_no_delete;
ALTER TABLE body ENABLE ALWAYS TRIGGER body_no_update;
ALTER TABLE body ENABLE ALWAYS TRIGGER body_no_delete;
CREATE TRIGGER log_entry_no_truncate BEFORE TRUNCATE ON log_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER control_event_no_truncate BEFORE TRUNCATE ON control_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER interaction_no_truncate BEFORE TRUNCATE ON interaction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER body_no_truncate BEFORE TRUNCATE ON body FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Day partitions, named <table>_YYYYMMDD, made ahead of time by whoever writes or works.
CREATE FUNCTION ensure_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  parent text;
  part text;
  guard text;
  day date;
  made integer := 0;
BEGIN
  IF last_day - first_day > 400 THEN RAISE EXCEPTION 'at most 400 days of partitions at once'; END IF;
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

-- The one way into the control shard, used by the application and by the functions below.
-- facts is RFC 8785 JSON. The leaf is that of lib/log/leaf.ts with no bodies and no reporter.
CREATE FUNCTION append_control(entry_kind text, entry_facts text)
RETURNS TABLE (received_at timestamptz, shard integer, "position" bigint, leaf bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
#variable_conflict use_column
DECLARE
  entry_salt bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  entry_at timestamptz(3);
  entry_position bigint;
  entry_leaf bytea;
BEGIN
  IF entry_kind !~ '^[a-z][a-z_]{2,63}$' THEN RAISE EXCEPTION 'an entry kind is lower case letters and underscores'; END IF;
  IF length(entry_facts) > 262144 THEN RAISE EXCEPTION 'the facts of a control entry are at most 256 KiB'; END IF;
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

-- Removes what one entry says, not that it was. scope: 'all' (facts and bodies) or 'bodies'.
-- Returns false when there was nothing left to remove. The tombstone is appended in the same transaction.
CREATE FUNCTION erase_entry(at timestamptz, in_shard integer, at_position bigint, scope text, reason text, by_whom text)
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
  PERFORM append_control('entry_erased',
    '{"by":' || to_json(by_whom)::text || ',"entry":{"position":' || at_position || ',"received_at":"'
    || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","shard":' || in_shard || '},"reason":'
    || to_json(reason)::text || ',"scope":"' || scope || '"}');
  RETURN true;
END $$;

-- Whole days, one entry. Facts are never dropped before bodies.
CREATE FUNCTION expire_days(bodies_before date, facts_before date)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  part record;
  dropped text[] := '{}';
BEGIN
  IF facts_before > bodies_before THEN RAISE EXCEPTION 'facts outlive bodies'; END IF;
  IF bodies_before > (now() AT TIME ZONE 'UTC')::date THEN RAISE EXCEPTION 'a day expires after it has ended'; END IF;
  FOR part IN
    SELECT c.relname, p.relname AS parent, to_date(right(c.relname, 8), 'YYYYMMDD') AS day
    FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_class p ON p.oid = h.inhparent
    WHERE p.relnamespace = 'public'::regnamespace AND p.relname IN ('body', 'interaction')
    ORDER BY c.relname
  LOOP
    IF part.day < (CASE part.parent WHEN 'body' THEN bodies_before ELSE facts_before END) THEN
      EXECUTE format('DROP TABLE %I', part.relname);
      dropped := dropped || part.relname::text;
    END IF;
  END LOOP;
  DELETE FROM quarantine q WHERE q.received_at < bodies_before;
  IF cardinality(dropped) > 0 THEN
    PERFORM append_control('days_expired',
      '{"bodies_before":"' || bodies_before || '","facts_before":"' || facts_before || '","partitions":'
      || array_to_json(dropped)::text || '}');
  END IF;
  RETURN cardinality(dropped);
END $$;

SELECT ensure_partitions((now() AT TIME ZONE 'UTC')::date, (now() AT TIME ZONE 'UTC')::date + 7);

-- A definition of a tool or MCP server as it was offered, by digest. What nobody decided on is a copy of content and goes
-- with the entry that holds it; what somebody approved or rejected is a record, and stays.
CREATE TABLE resource_definition (
  -- Of the resource and the digest.
  id uuid NOT NULL,
  resource_id uuid NOT NULL,
  -- SHA-256 of its canonical JSON.
  digest bytea NOT NULL CHECK (length(digest) = 32),
  bytes integer NOT NULL CHECK (bytes > 0),
  -- Deflated, sealed under a data key that the worker opens too; null of one that is too long to keep.
  sealed bytea,
  key_id uuid,
  first_at timestamptz(6) NOT NULL,
  -- The last day of arrival (UTC) on which it came, and the first entry of that day that has it.
  last_on date NOT NULL,
  source_received_at timestamptz(3) NOT NULL,
  source_shard integer NOT NULL,
  source_position bigint NOT NULL,
  state text NOT NULL DEFAULT 'unapproved' CHECK (state IN ('unapproved', 'approved', 'rejected')),
  decided_by uuid,
  decided_at timestamptz(6),
  reason text CHECK (length(reason) <= 1000),
  version xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT resource_definition_pkey PRIMARY KEY (id),
  CONSTRAINT resource_definition_is_sealed CHECK ((sealed IS NULL) = (key_id IS NULL)),
  CONSTRAINT resource_definition_decided CHECK ((state = 'unapproved') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
  CONSTRAINT resource_definition_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT resource_definition_key_id_fkey FOREIGN KEY (key_id) REFERENCES data_key (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT resource_definition_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES person (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
-- Ciphertext does not compress; what was worth compressing was compressed before.
ALTER TABLE resource_definition ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX resource_definition_resource_id_digest_key ON resource_definition (resource_id, digest);
CREATE INDEX resource_definition_source_idx ON resource_definition (source_received_at, source_shard, source_position);
CREATE INDEX resource_definition_state_idx ON resource_definition (state);
CREATE INDEX resource_definition_version_idx ON resource_definition (version);
CREATE TRIGGER resource_definition_is_marked BEFORE UPDATE ON resource_definition FOR EACH ROW EXECUTE FUNCTION mark_changed();

-- How many new definitions a reporter brought in an hour of arrival, and how many more found no room.
CREATE TABLE resource_definition_hour (
  shard integer NOT NULL,
  reporter uuid NOT NULL,
  hour timestamptz(0) NOT NULL,
  names integer NOT NULL,
  left_out integer NOT NULL,
  CONSTRAINT resource_definition_hour_pkey PRIMARY KEY (shard, reporter, hour)
);

-- What came and could not be read: of digests the text was not kept, of others no sense could be made.
CREATE TABLE resource_definition_unread (
  shard integer NOT NULL,
  digests bigint NOT NULL,
  digests_at timestamptz(3),
  unread bigint NOT NULL,
  unread_at timestamptz(3),
  CONSTRAINT resource_definition_unread_pkey PRIMARY KEY (shard)
);

-- Says to whoever remembers what it has read that some of it is gone.
CREATE TABLE resource_definition_forgotten (
  id integer NOT NULL CHECK (id = 1),
  times bigint NOT NULL,
  CONSTRAINT resource_definition_forgotten_pkey PRIMARY KEY (id)
);
INSERT INTO resource_definition_forgotten VALUES (1, 0);

-- INVARIANT: a decision stands. Only a person decides, once, on what is not decided.
CREATE FUNCTION refuse_other_decision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF pg_has_role(session_user, current_user, 'MEMBER') THEN RETURN coalesce(NEW, OLD); END IF;
  IF TG_OP = 'DELETE' THEN
    IF OLD.state <> 'unapproved' THEN
      RAISE EXCEPTION 'a decided definition stays' USING ERRCODE = 'insufficient_privilege';
    END IF;
  ELSIF OLD.state <> NEW.state AND (OLD.state <> 'unapproved' OR NOT pg_has_role(session_user, 'sallyport_console', 'MEMBER')) THEN
    RAISE EXCEPTION 'this definition is decided' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER resource_definition_is_decided_once BEFORE UPDATE OF state OR DELETE ON resource_definition
  FOR EACH ROW EXECUTE FUNCTION refuse_other_decision();

-- INVARIANT: a body and what was read of it go together, until somebody decided. A batch that has read it holds this lock
-- shared until it has committed, so what it wrote is seen here.
CREATE FUNCTION forget_definitions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7305100);
  DELETE FROM resource_definition d WHERE d.state = 'unapproved'
    AND (d.source_received_at, d.source_shard, d.source_position) = (OLD.received_at, OLD.shard, OLD.position);
  IF FOUND THEN UPDATE resource_definition_forgotten SET times = times + 1; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER body_forgets_definitions AFTER DELETE ON body FOR EACH ROW EXECUTE FUNCTION forget_definitions();
DO $$
DECLARE
  part record;
BEGIN
  FOR part IN SELECT t.tgrelid::regclass AS name FROM pg_trigger t WHERE t.tgname = 'body_forgets_definitions' LOOP
    EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER body_forgets_definitions', part.name);
  END LOOP;
END $$;

-- What is defined stays known, though it is no longer acted on.
CREATE OR REPLACE FUNCTION forget_resource() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  acted_on text := CASE WHEN OLD.resource_kind = 'model' THEN OLD.model ELSE OLD.resource END;
  gone uuid := resource_id(OLD.resource_kind, acted_on);
BEGIN
  IF acted_on IS NULL THEN RETURN NULL; END IF;
  PERFORM pg_advisory_xact_lock(7305100);
  IF (OLD.resource_kind = 'model' AND EXISTS (
      SELECT FROM interaction i WHERE i.model = acted_on AND i.resource_kind = 'model'))
    OR (OLD.resource_kind <> 'model' AND EXISTS (
      SELECT FROM interaction i WHERE i.resource = acted_on AND i.resource_kind = OLD.resource_kind)) THEN
    RETURN NULL;
  END IF;
  DELETE FROM resource_seen WHERE resource_id = gone;
  DELETE FROM resource r WHERE r.id = gone AND r.state = 'observed' AND r.alias_of IS NULL AND r.proposal IS NULL
    AND NOT EXISTS (SELECT FROM resource_definition d WHERE d.resource_id = r.id);
  RETURN NULL;
END $$;

INSERT INTO control_kind (name) VALUES ('definition_approved'), ('definition_rejected');

REVOKE ALL ON FUNCTION refuse_other_decision(), forget_definitions() FROM PUBLIC;
GRANT SELECT ON resource_definition TO sallyport_gateway, sallyport_worker, sallyport_console;
GRANT SELECT ON resource_definition_hour, resource_definition_unread TO sallyport_worker, sallyport_console;
GRANT SELECT, UPDATE ON resource_definition_forgotten TO sallyport_worker;
GRANT INSERT, DELETE ON resource_definition TO sallyport_worker;
GRANT UPDATE (first_at, last_on, source_received_at, source_shard, source_position) ON resource_definition TO sallyport_worker;
GRANT INSERT, UPDATE, DELETE ON resource_definition_hour, resource_definition_unread TO sallyport_worker;
GRANT UPDATE (state, decided_by, decided_at, reason) ON resource_definition TO sallyport_console;
-- What it reads of content and keeps is sealed under keys of its own.
GRANT INSERT ON data_key TO sallyport_worker;

-- What a resource can be: what telemetry tells of, and types of the organisation's own.
CREATE TABLE resource_type (
  name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,39}$'),
  label text NOT NULL CHECK (length(label) BETWEEN 1 AND 80),
  is_own boolean NOT NULL DEFAULT true,
  created_at timestamptz(6) NOT NULL,
  CONSTRAINT resource_type_pkey PRIMARY KEY (name)
);
INSERT INTO resource_type (name, label, is_own, created_at) VALUES ('model', 'Model', false, now()), ('tool', 'Tool', false, now()),
  ('mcp_server', 'MCP server', false, now()), ('dataset', 'Dataset', false, now()),
  ('data_source', 'Data source', false, now()), ('endpoint', 'Endpoint', false, now());

-- The same type and name is the same resource, whoever saw or registered it first.
CREATE FUNCTION resource_id(kind text, name text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT encode(substring(sha256(convert_to(kind || ' ' || name, 'UTF8')) FOR 16), 'hex')::uuid
$$;

-- What is acted on: seen in telemetry, proposed by a machine, or registered by a person.
CREATE TABLE resource (
  id uuid NOT NULL,
  kind text NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 512),
  state text NOT NULL DEFAULT 'observed' CHECK (state IN ('observed', 'proposed', 'registered', 'retired')),
  -- The resource that this name means too, as a person said.
  alias_of uuid,
  owner_id uuid,
  team_id uuid,
  zone_id uuid,
  purpose text NOT NULL DEFAULT '' CHECK (length(purpose) <= 1000),
  tags text[] DEFAULT '{}' CHECK (cardinality(tags) <= 50),
  -- Null: nobody has said so, which counts as the worst.
  classification text CHECK (classification IN ('public', 'internal', 'confidential', 'personal', 'secret')),
  trust text CHECK (trust IN ('trusted', 'untrusted', 'sandbox')),
  side_effect text CHECK (side_effect IN ('none', 'write', 'send', 'money', 'execute', 'delete')),
  host_names text[] DEFAULT '{}' CHECK (cardinality(host_names) <= 50),
  -- Counts the versions of what was said of it; zero until somebody did.
  revision integer NOT NULL DEFAULT 0 CHECK (revision >= 0),
  state_reason text CHECK (length(state_reason) <= 1000),
  -- What a machine proposes to say of it, until a person answers: lib/resources/schema.ts
  proposal jsonb CHECK (length(proposal::text) <= 65536),
  proposed_by text CHECK (length(proposed_by) <= 200),
  proposed_at timestamptz(6),
  created_at timestamptz(6) NOT NULL,
  changed_at timestamptz(6) NOT NULL,
  version xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT resource_pkey PRIMARY KEY (id),
  CONSTRAINT resource_is_its_name CHECK (id = resource_id(kind, name)),
  CONSTRAINT resource_alias_is_bare CHECK (alias_of IS NULL OR (state = 'observed' AND alias_of <> id)),
  CONSTRAINT resource_proposal CHECK ((proposal IS NULL) = (proposed_at IS NULL) AND (proposal IS NULL) = (proposed_by IS NULL)),
  CONSTRAINT resource_kind_fkey FOREIGN KEY (kind) REFERENCES resource_type (name) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT resource_alias_of_fkey FOREIGN KEY (alias_of) REFERENCES resource (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT resource_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES person (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT resource_team_id_fkey FOREIGN KEY (team_id) REFERENCES team (id) ON DELETE SET NULL ON UPDATE CASCADE,
  CONSTRAINT resource_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES zone (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX resource_kind_state_idx ON resource (kind, state);
CREATE INDEX resource_alias_of_idx ON resource (alias_of);
CREATE INDEX resource_owner_id_idx ON resource (owner_id);
CREATE INDEX resource_team_id_idx ON resource (team_id);
CREATE INDEX resource_zone_id_idx ON resource (zone_id);
CREATE INDEX resource_version_idx ON resource (version);
CREATE TRIGGER resource_is_marked BEFORE UPDATE ON resource FOR EACH ROW EXECUTE FUNCTION mark_changed();

-- What was said of a resource at each revision: decisions refer to it, so none is ever changed.
CREATE TABLE resource_version (
  resource_id uuid NOT NULL,
  revision integer NOT NULL,
  -- lib/resources/schema.ts
  attributes jsonb NOT NULL,
  at timestamptz(6) NOT NULL,
  by text NOT NULL CHECK (length(by) BETWEEN 1 AND 200),
  reason text CHECK (length(reason) <= 1000),
  CONSTRAINT resource_version_pkey PRIMARY KEY (resource_id, revision),
  CONSTRAINT resource_version_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES resource (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

-- When a resource was acted on, as each reporter tells of it.
CREATE TABLE resource_seen (
  resource_id uuid NOT NULL,
  shard integer NOT NULL,
  reporter uuid NOT NULL,
  interactions bigint NOT NULL,
  first_at timestamptz(6) NOT NULL,
  last_at timestamptz(6) NOT NULL,
  last_received_at timestamptz(3) NOT NULL,
  CONSTRAINT resource_seen_pkey PRIMARY KEY (resource_id, shard, reporter)
);
CREATE INDEX resource_seen_last_received_at_idx ON resource_seen (last_received_at);

-- How many names a reporter brought in an hour of arrival, and how many more found no room.
CREATE TABLE resource_name_hour (
  shard integer NOT NULL,
  reporter uuid NOT NULL,
  hour timestamptz(0) NOT NULL,
  names integer NOT NULL,
  left_out integer NOT NULL,
  CONSTRAINT resource_name_hour_pkey PRIMARY KEY (shard, reporter, hour)
);

-- INVARIANT: people register; whatever a machine's process was made to do, it only sees and proposes, and what people
-- said stays.
CREATE FUNCTION refuse_unregistered_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF pg_has_role(session_user, current_user, 'MEMBER') OR pg_has_role(session_user, 'sallyport_console', 'MEMBER') THEN
    RETURN coalesce(NEW, OLD);
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF OLD.state <> 'observed' OR OLD.alias_of IS NOT NULL OR OLD.proposal IS NOT NULL THEN
      RAISE EXCEPTION 'this login removes nothing that somebody said' USING ERRCODE = 'insufficient_privilege';
    END IF;
  ELSIF (NEW.state NOT IN ('observed', 'proposed') AND (TG_OP = 'INSERT' OR OLD.state IS DISTINCT FROM NEW.state))
    OR (TG_OP = 'INSERT' AND (NEW.revision > 0 OR num_nonnulls(NEW.trust, NEW.classification, NEW.side_effect,
      NEW.alias_of, NEW.owner_id, NEW.team_id, NEW.zone_id) > 0)) THEN
    RAISE EXCEPTION 'this login registers nothing' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER resource_is_registered_by_people BEFORE INSERT OR UPDATE OF state OR DELETE ON resource
  FOR EACH ROW EXECUTE FUNCTION refuse_unregistered_change();

-- INVARIANT: a name goes with the last entry that has it, unless a person said something of it. A batch that is being
-- read holds this lock shared, so that it cannot write what is erased meanwhile.
CREATE FUNCTION forget_resource() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
  DELETE FROM resource WHERE id = gone AND state = 'observed' AND alias_of IS NULL AND proposal IS NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER interaction_forgets_resource AFTER DELETE ON interaction FOR EACH ROW
  WHEN (OLD.resource_kind IS NOT NULL) EXECUTE FUNCTION forget_resource();
-- A clone of a trigger does not inherit ALWAYS from its parent.
DO $$
DECLARE
  part record;
BEGIN
  FOR part IN SELECT t.tgrelid::regclass AS name FROM pg_trigger t WHERE t.tgname = 'interaction_forgets_resource' LOOP
    EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER interaction_forgets_resource', part.name);
  END LOOP;
END $$;

INSERT INTO control_kind (name) VALUES ('resource_registered'), ('resource_changed'), ('resource_retired'),
  ('resource_restored'), ('resource_proposal_dismissed'), ('resource_type_created'), ('resource_type_removed');
INSERT INTO control_kind (name, by_gateway) VALUES ('resource_proposed', true);

REVOKE ALL ON FUNCTION resource_id(text, text), refuse_unregistered_change(), forget_resource() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resource_id(text, text) TO sallyport_gateway, sallyport_worker, sallyport_console;
GRANT SELECT ON resource_type, resource, resource_version, resource_seen TO sallyport_gateway, sallyport_worker, sallyport_console;
GRANT SELECT ON resource_name_hour TO sallyport_worker, sallyport_console;
GRANT INSERT, DELETE ON resource_type TO sallyport_console;
GRANT INSERT, UPDATE, DELETE ON resource TO sallyport_console;
GRANT INSERT ON resource_version TO sallyport_console;
GRANT INSERT ON resource TO sallyport_gateway;
GRANT UPDATE (proposal, proposed_by, proposed_at) ON resource TO sallyport_gateway;
GRANT INSERT (id, kind, name, created_at, changed_at), DELETE ON resource TO sallyport_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON resource_seen, resource_name_hour TO sallyport_worker;

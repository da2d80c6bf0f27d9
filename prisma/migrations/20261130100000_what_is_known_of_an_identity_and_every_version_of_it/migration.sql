-- An isolated environment that identities and resources live in.
CREATE TABLE zone (
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  kind text NOT NULL CHECK (kind IN ('workload', 'data', 'tools', 'external')),
  environment text NOT NULL CHECK (environment IN ('production', 'staging', 'test', 'development')),
  purpose text NOT NULL DEFAULT '' CHECK (length(purpose) <= 1000),
  created_at timestamptz(6) NOT NULL,
  changed_at timestamptz(6) NOT NULL,
  version xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT zone_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX zone_name_key ON zone (name);
CREATE INDEX zone_version_idx ON zone (version);

ALTER TABLE identity
  ADD COLUMN sponsor_id uuid,
  ADD COLUMN zone_id uuid,
  ADD COLUMN purpose text NOT NULL DEFAULT '' CHECK (length(purpose) <= 1000),
  ADD COLUMN trust text NOT NULL DEFAULT 'observed' CHECK (trust IN ('observed', 'probation', 'trusted')),
  ADD COLUMN trust_at timestamptz(6),
  ADD COLUMN tags text[] DEFAULT '{}' CHECK (cardinality(tags) <= 50),
  ADD COLUMN acts_for_all boolean NOT NULL DEFAULT false,
  ADD COLUMN acts_for_people uuid[] DEFAULT '{}' CHECK (cardinality(acts_for_people) <= 500),
  ADD COLUMN acts_for_teams uuid[] DEFAULT '{}' CHECK (cardinality(acts_for_teams) <= 50),
  -- Ids of the resources that it is expected to act on.
  ADD COLUMN expects uuid[] DEFAULT '{}' CHECK (cardinality(expects) <= 500),
  -- Counts the versions of what is known of it.
  ADD COLUMN revision integer NOT NULL DEFAULT 1 CHECK (revision > 0),
  ADD COLUMN state_at timestamptz(6),
  ADD COLUMN state_reason text CHECK (length(state_reason) <= 1000),
  -- Of the transaction that changed it last, so that gateways read what changed and nothing else.
  ADD COLUMN version xid8 NOT NULL DEFAULT pg_current_xact_id(),
  ADD CONSTRAINT identity_sponsor_id_fkey FOREIGN KEY (sponsor_id) REFERENCES person (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT identity_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES zone (id) ON DELETE RESTRICT ON UPDATE CASCADE;
UPDATE identity SET state_at = created_at, trust_at = created_at;
CREATE INDEX identity_sponsor_id_idx ON identity (sponsor_id);
CREATE INDEX identity_zone_id_idx ON identity (zone_id);
CREATE INDEX identity_version_idx ON identity (version);

-- What was known of an identity at each revision: decisions refer to it, so none is ever changed.
CREATE TABLE identity_version (
  identity_id uuid NOT NULL,
  revision integer NOT NULL,
  -- lib/identities/versions/schema.ts
  attributes jsonb NOT NULL,
  at timestamptz(6) NOT NULL,
  -- `person:ID`, `operator:NAME`, `api_key:ID` or `rule`.
  by text NOT NULL CHECK (length(by) BETWEEN 1 AND 200),
  reason text CHECK (length(reason) <= 1000),
  CONSTRAINT identity_version_pkey PRIMARY KEY (identity_id, revision),
  CONSTRAINT identity_version_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

-- INVARIANT: what changes of an identity, or of whom it reports for, carries a new version.
CREATE FUNCTION mark_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.version := pg_current_xact_id();
  RETURN NEW;
END $$;
CREATE TRIGGER zone_is_marked BEFORE UPDATE ON zone FOR EACH ROW EXECUTE FUNCTION mark_changed();
CREATE TRIGGER identity_is_marked BEFORE UPDATE ON identity FOR EACH ROW EXECUTE FUNCTION mark_changed();

CREATE FUNCTION mark_reporter() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE identity i SET version = pg_current_xact_id() WHERE i.id = coalesce(NEW.reporter_id, OLD.reporter_id);
  RETURN NULL;
END $$;
CREATE TRIGGER identity_reports_for_is_marked AFTER INSERT OR UPDATE OR DELETE ON identity_reports_for
  FOR EACH ROW EXECUTE FUNCTION mark_reporter();

-- Wakes the gateways: who was stopped is refused at once. Rare, so that it costs commits of others nothing.
CREATE FUNCTION wake_gateways() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_notify('registry', '');
  RETURN NULL;
END $$;
CREATE TRIGGER identity_state_wakes AFTER UPDATE OF state ON identity
  FOR EACH STATEMENT EXECUTE FUNCTION wake_gateways();

-- INVARIANT: a machine proposes and stops; it makes no identity active, whatever its process was made to do.
CREATE FUNCTION refuse_activation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.state = 'active' AND (TG_OP = 'INSERT' OR OLD.state <> 'active')
     AND NOT pg_has_role(session_user, current_user, 'MEMBER')
     AND NOT pg_has_role(session_user, 'sallyport_console', 'MEMBER') THEN
    RAISE EXCEPTION 'this login makes no identity active' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER identity_is_activated_by_people BEFORE INSERT OR UPDATE OF state ON identity
  FOR EACH ROW EXECUTE FUNCTION refuse_activation();

-- Which processes besides the console append entries of a kind.
ALTER TABLE control_kind
  ADD COLUMN by_gateway boolean NOT NULL DEFAULT false,
  ADD COLUMN by_worker boolean NOT NULL DEFAULT false;
CREATE OR REPLACE FUNCTION append_control(entry_kind text, entry_facts text)
RETURNS TABLE (received_at timestamptz, shard integer, "position" bigint, leaf bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
  IF NOT pg_has_role(session_user, current_user, 'MEMBER') AND NOT EXISTS (
    SELECT FROM control_kind k WHERE k.name = entry_kind AND (
      pg_has_role(session_user, 'sallyport_console', 'MEMBER')
      OR (k.by_gateway AND pg_has_role(session_user, 'sallyport_gateway', 'MEMBER'))
      OR (k.by_worker AND pg_has_role(session_user, 'sallyport_worker', 'MEMBER')))) THEN
    RAISE EXCEPTION 'this login appends no entry of this kind' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT * FROM write_control(entry_kind, entry_facts);
END $$;
GRANT EXECUTE ON FUNCTION append_control(text, text) TO sallyport_gateway, sallyport_worker;

INSERT INTO control_kind (name, by_gateway) VALUES
  ('identity_changed', true), ('identity_proposed', true), ('identity_accepted', false), ('identity_refused', false),
  ('identity_suspended', true), ('identity_resumed', false), ('identity_decommissioned', false),
  ('authentication_refused', true);
INSERT INTO control_kind (name, by_worker) VALUES ('trust_changed', true);
INSERT INTO control_kind (name) VALUES ('zone_created'), ('zone_changed'), ('zone_removed');
UPDATE control_kind SET by_gateway = true WHERE name = 'credential_revoked';

GRANT SELECT ON zone, identity_version TO sallyport_gateway, sallyport_worker, sallyport_console;
GRANT INSERT, UPDATE, DELETE ON zone TO sallyport_console;
GRANT INSERT ON identity_version TO sallyport_console, sallyport_gateway, sallyport_worker;
GRANT INSERT ON identity TO sallyport_gateway;
GRANT UPDATE (kind, name, names, owner_id, sponsor_id, team_id, zone_id, purpose, tags, acts_for_all, acts_for_people,
  acts_for_teams, expects, revision, state, state_at, state_reason) ON identity TO sallyport_gateway;
GRANT UPDATE (trust, trust_at, revision) ON identity TO sallyport_worker;
GRANT INSERT, DELETE ON identity_reports_for TO sallyport_gateway;
GRANT UPDATE (revoked_at) ON credential TO sallyport_gateway;
GRANT SELECT ON team TO sallyport_gateway;
REVOKE ALL ON FUNCTION mark_changed(), mark_reporter(), wake_gateways(), refuse_activation() FROM PUBLIC;

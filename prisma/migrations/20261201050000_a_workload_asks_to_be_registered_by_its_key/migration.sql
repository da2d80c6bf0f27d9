-- Whether workloads may ask to be registered. Until an administrator says so, none may.
ALTER TABLE setting ADD COLUMN enrolment boolean NOT NULL DEFAULT false;

-- What lets a workload ask, and for which team and zone. The code itself is shown once; here is its SHA-256.
CREATE TABLE enrolment_code (
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  hash bytea NOT NULL CHECK (length(hash) = 32),
  hint text NOT NULL,
  team_id uuid,
  zone_id uuid,
  uses_max integer NOT NULL CHECK (uses_max BETWEEN 1 AND 100),
  uses integer NOT NULL DEFAULT 0,
  made_by uuid NOT NULL,
  created_at timestamptz(6) NOT NULL,
  expires_at timestamptz(6) NOT NULL,
  revoked_at timestamptz(6),
  CONSTRAINT enrolment_code_pkey PRIMARY KEY (id),
  -- INVARIANT: two that use it at once do not use it once too often.
  CONSTRAINT enrolment_code_is_bounded CHECK (uses BETWEEN 0 AND uses_max),
  CONSTRAINT enrolment_code_lives_30_days CHECK (expires_at > created_at AND expires_at <= created_at + interval '30 days'),
  CONSTRAINT enrolment_code_team_id_fkey FOREIGN KEY (team_id) REFERENCES team (id) ON DELETE SET NULL ON UPDATE CASCADE,
  CONSTRAINT enrolment_code_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES zone (id) ON DELETE SET NULL ON UPDATE CASCADE,
  CONSTRAINT enrolment_code_made_by_fkey FOREIGN KEY (made_by) REFERENCES person (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX enrolment_code_hash_key ON enrolment_code (hash);

-- From where workloads may ask without a code.
CREATE TABLE enrolment_network (
  network_id uuid NOT NULL,
  team_id uuid,
  zone_id uuid,
  added_by uuid NOT NULL,
  created_at timestamptz(6) NOT NULL,
  CONSTRAINT enrolment_network_pkey PRIMARY KEY (network_id),
  CONSTRAINT enrolment_network_network_id_fkey FOREIGN KEY (network_id) REFERENCES network (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT enrolment_network_team_id_fkey FOREIGN KEY (team_id) REFERENCES team (id) ON DELETE SET NULL ON UPDATE CASCADE,
  CONSTRAINT enrolment_network_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES zone (id) ON DELETE SET NULL ON UPDATE CASCADE,
  CONSTRAINT enrolment_network_added_by_fkey FOREIGN KEY (added_by) REFERENCES person (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

-- A workload that asks. It is nobody until a person accepts it.
CREATE TABLE enrolment (
  id uuid NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'refused', 'expired')),
  kind text NOT NULL CHECK (kind IN ('agent', 'daemon', 'service')),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 63),
  names text[] CHECK (cardinality(names) <= 10),
  -- What each of its names looks like; lib/identities/enrolment/skeleton.ts.
  skeletons text[] CHECK (cardinality(skeletons) BETWEEN 1 AND 11),
  purpose text NOT NULL DEFAULT '' CHECK (length(purpose) <= 1000),
  jwk jsonb NOT NULL CHECK (length(jwk::text) <= 8192),
  thumbprint text NOT NULL CHECK (length(thumbprint) = 43),
  jti text NOT NULL CHECK (length(jti) BETWEEN 1 AND 256),
  address text NOT NULL,
  -- What an address is counted by; lib/core/network.ts.
  source text NOT NULL,
  -- The named network that it came from, as it was called then.
  network text,
  code_id uuid,
  team_id uuid,
  zone_id uuid,
  asked_at timestamptz(6) NOT NULL,
  expires_at timestamptz(6) NOT NULL,
  told_at timestamptz(6),
  ended_at timestamptz(6),
  ended_by uuid,
  reason text CHECK (length(reason) <= 1000),
  identity_id uuid,
  CONSTRAINT enrolment_pkey PRIMARY KEY (id),
  CONSTRAINT enrolment_dies_after_a_day CHECK (expires_at > asked_at AND expires_at <= asked_at + interval '24 hours'),
  CONSTRAINT enrolment_ends CHECK ((state = 'open') = (ended_at IS NULL)),
  CONSTRAINT enrolment_becomes_an_identity CHECK ((state = 'accepted') = (identity_id IS NOT NULL)),
  CONSTRAINT enrolment_is_decided_by_somebody CHECK ((state IN ('accepted', 'refused')) = (ended_by IS NOT NULL)),
  CONSTRAINT enrolment_code_id_fkey FOREIGN KEY (code_id) REFERENCES enrolment_code (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT enrolment_team_id_fkey FOREIGN KEY (team_id) REFERENCES team (id) ON DELETE SET NULL ON UPDATE CASCADE,
  CONSTRAINT enrolment_zone_id_fkey FOREIGN KEY (zone_id) REFERENCES zone (id) ON DELETE SET NULL ON UPDATE CASCADE,
  CONSTRAINT enrolment_ended_by_fkey FOREIGN KEY (ended_by) REFERENCES person (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT enrolment_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
-- A proof is taken once.
CREATE UNIQUE INDEX enrolment_thumbprint_jti_key ON enrolment (thumbprint, jti);
CREATE INDEX enrolment_state_expires_at_idx ON enrolment (state, expires_at);
CREATE INDEX enrolment_source_asked_at_idx ON enrolment (source, asked_at);

-- INVARIANT: strangers fill neither the list nor the table: 20 open in all, 5 an hour from one address, one of a key,
-- however many gateways take them.
CREATE FUNCTION refuse_many_enrolments() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7305020);
  IF (SELECT count(*) FROM enrolment e WHERE e.state = 'open' AND e.expires_at > NEW.asked_at) >= 20
    OR (SELECT count(*) FROM enrolment e WHERE e.source = NEW.source AND e.asked_at > NEW.asked_at - interval '1 hour') >= 5
    OR EXISTS (SELECT FROM enrolment e WHERE e.thumbprint = NEW.thumbprint AND e.state = 'open' AND e.expires_at > NEW.asked_at)
    OR NOT EXISTS (SELECT FROM setting s WHERE s.enrolment) THEN
    RAISE EXCEPTION 'no more may ask to be registered now' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER enrolment_is_bounded BEFORE INSERT ON enrolment FOR EACH ROW EXECUTE FUNCTION refuse_many_enrolments();

-- INVARIANT: what ended stays as it ended.
CREATE FUNCTION refuse_reopening() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'this enrolment has ended' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER enrolment_ends_once BEFORE UPDATE OF state ON enrolment
  FOR EACH ROW WHEN (OLD.state <> 'open') EXECUTE FUNCTION refuse_reopening();

INSERT INTO control_kind (name, by_gateway) VALUES ('enrolment_asked', true), ('enrolment_refused', true);
INSERT INTO control_kind (name, by_worker) VALUES ('enrolment_expired', true);
INSERT INTO control_kind (name) VALUES ('enrolment_switched'), ('enrolment_code_made'), ('enrolment_code_revoked'),
  ('enrolment_network_listed'), ('enrolment_network_unlisted'),
  ('certificate_issued');

GRANT SELECT ON enrolment_code, enrolment_network, enrolment TO sallyport_gateway, sallyport_console;
GRANT UPDATE (uses) ON enrolment_code TO sallyport_gateway;
GRANT INSERT ON enrolment TO sallyport_gateway;
GRANT INSERT ON enrolment_code TO sallyport_console;
GRANT UPDATE (revoked_at) ON enrolment_code TO sallyport_console;
GRANT INSERT, DELETE ON enrolment_network TO sallyport_console;
GRANT UPDATE (state, ended_at, ended_by, reason, identity_id) ON enrolment TO sallyport_console;
GRANT SELECT, DELETE ON enrolment TO sallyport_worker;
GRANT UPDATE (state, ended_at, told_at) ON enrolment TO sallyport_worker;
REVOKE ALL ON FUNCTION refuse_many_enrolments(), refuse_reopening() FROM PUBLIC;

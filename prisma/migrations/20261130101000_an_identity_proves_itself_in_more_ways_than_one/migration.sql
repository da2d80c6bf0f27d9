-- Whose certificates are believed: a certificate authority that an administrator uploaded, the bundle of a SPIFFE trust
-- domain, or the development authority, whose key is ours.
CREATE TABLE trust_anchor (
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('ca', 'spiffe', 'development')),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  -- Of SPIFFE and of the development authority.
  trust_domain text CHECK (length(trust_domain) BETWEEN 1 AND 255),
  -- DER, each a root or an intermediate that is believed by itself.
  certificates bytea[] CHECK (certificates IS NOT NULL AND cardinality(certificates) <= 50),
  -- JSON Web Keys whose `use` is jwt-svid.
  jwt_keys jsonb NOT NULL DEFAULT '[]',
  -- Of the development authority: its private key, sealed, and under which data key.
  sealed_key bytea,
  key_id uuid,
  created_at timestamptz(6) NOT NULL,
  changed_at timestamptz(6) NOT NULL,
  revoked_at timestamptz(6),
  version xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT trust_anchor_pkey PRIMARY KEY (id),
  CONSTRAINT trust_anchor_key_id_fkey FOREIGN KEY (key_id) REFERENCES data_key (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT trust_anchor_domain CHECK ((kind = 'ca') = (trust_domain IS NULL)),
  CONSTRAINT trust_anchor_key CHECK ((kind = 'development') = (sealed_key IS NOT NULL AND key_id IS NOT NULL))
);
CREATE INDEX trust_anchor_version_idx ON trust_anchor (version);
-- One trust domain, one set of keys.
CREATE FUNCTION refuse_second_domain() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7305005);
  IF NEW.revoked_at IS NULL AND NEW.trust_domain IS NOT NULL AND EXISTS (
    SELECT FROM trust_anchor a WHERE a.id <> NEW.id AND a.revoked_at IS NULL AND a.trust_domain = NEW.trust_domain) THEN
    RAISE EXCEPTION 'this trust domain has a bundle already' USING ERRCODE = 'unique_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER trust_anchor_domain_is_its_own AFTER INSERT OR UPDATE OF trust_domain, revoked_at ON trust_anchor
  FOR EACH ROW EXECUTE FUNCTION refuse_second_domain();

-- Who vouches for workloads by OpenID tokens: a cluster, a build service, any issuer.
CREATE TABLE token_issuer (
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  -- To the letter as it stands in `iss`.
  issuer text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 2048),
  -- Where its keys are, or null where they were uploaded.
  jwks_url text CHECK (length(jwks_url) <= 2048),
  jwks jsonb,
  created_at timestamptz(6) NOT NULL,
  changed_at timestamptz(6) NOT NULL,
  revoked_at timestamptz(6),
  version xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT token_issuer_pkey PRIMARY KEY (id),
  CONSTRAINT token_issuer_keys CHECK ((jwks_url IS NULL) <> (jwks IS NULL))
);
CREATE INDEX token_issuer_version_idx ON token_issuer (version);
CREATE FUNCTION refuse_second_issuer() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7305006);
  IF NEW.revoked_at IS NULL AND EXISTS (
    SELECT FROM token_issuer o WHERE o.id <> NEW.id AND o.revoked_at IS NULL AND o.issuer = NEW.issuer) THEN
    RAISE EXCEPTION 'this issuer is known already' USING ERRCODE = 'unique_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER token_issuer_is_known_once AFTER INSERT OR UPDATE OF issuer, revoked_at ON token_issuer
  FOR EACH ROW EXECUTE FUNCTION refuse_second_issuer();

-- What an identity proves itself with. Bearer secrets as SHA-256; of everything else what its proof must show.
ALTER TABLE credential DROP CONSTRAINT credential_kind_check, DROP CONSTRAINT credential_lives_90_days;
ALTER TABLE credential
  ALTER COLUMN hash DROP NOT NULL,
  ADD COLUMN name text NOT NULL DEFAULT '' CHECK (length(name) <= 80),
  -- What a proof shows, as people read it: a SPIFFE id, a name in a certificate, the thumbprint of a key, a claim.
  ADD COLUMN subject text CHECK (length(subject) <= 2048),
  ADD COLUMN anchor_id uuid,
  ADD COLUMN issuer_id uuid,
  ADD COLUMN network_id uuid,
  -- lib/identities/credentials/schema.ts
  ADD COLUMN rule jsonb,
  ADD COLUMN replaces_id uuid,
  ADD COLUMN revoked_reason text CHECK (length(revoked_reason) <= 1000),
  ADD COLUMN version xid8 NOT NULL DEFAULT pg_current_xact_id(),
  ADD CONSTRAINT credential_kind_check CHECK (kind IN ('ingest_key', 'client_secret', 'public_key', 'certificate',
    'x509_svid', 'jwt_svid', 'federated', 'placement')),
  ADD CONSTRAINT credential_lives_a_year CHECK (expires_at > created_at AND expires_at <= created_at
    + CASE WHEN kind IN ('ingest_key', 'client_secret') THEN interval '90 days' ELSE interval '366 days' END),
  ADD CONSTRAINT credential_bearer_is_hashed CHECK ((kind IN ('ingest_key', 'client_secret')) = (hash IS NOT NULL)),
  ADD CONSTRAINT credential_shows_its_subject CHECK (kind IN ('ingest_key', 'client_secret') OR subject IS NOT NULL),
  ADD CONSTRAINT credential_anchor CHECK ((kind IN ('certificate', 'x509_svid', 'jwt_svid')) = (anchor_id IS NOT NULL)),
  ADD CONSTRAINT credential_issuer CHECK ((kind = 'federated') = (issuer_id IS NOT NULL)),
  ADD CONSTRAINT credential_network CHECK ((kind = 'placement') = (network_id IS NOT NULL)),
  ADD CONSTRAINT credential_rule CHECK (rule IS NOT NULL OR kind NOT IN ('public_key', 'certificate', 'federated')),
  ADD CONSTRAINT credential_anchor_id_fkey FOREIGN KEY (anchor_id) REFERENCES trust_anchor (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT credential_issuer_id_fkey FOREIGN KEY (issuer_id) REFERENCES token_issuer (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT credential_network_id_fkey FOREIGN KEY (network_id) REFERENCES network (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT credential_replaces_id_fkey FOREIGN KEY (replaces_id) REFERENCES credential (id) ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX credential_version_idx ON credential (version);
CREATE INDEX credential_expires_at_idx ON credential (expires_at);
CREATE INDEX credential_subject_idx ON credential (subject);
CREATE UNIQUE INDEX credential_replaces_id_key ON credential (replaces_id);
CREATE INDEX credential_anchor_id_idx ON credential (anchor_id);
CREATE INDEX credential_issuer_id_idx ON credential (issuer_id);
CREATE INDEX credential_network_id_idx ON credential (network_id);

-- INVARIANT: what a proof shows means one identity.
CREATE FUNCTION refuse_taken_subject() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.subject IS NULL OR NEW.revoked_at IS NOT NULL OR NEW.kind = 'placement' THEN RETURN NULL; END IF;
  PERFORM pg_advisory_xact_lock(7305007);
  IF EXISTS (SELECT FROM credential c WHERE c.id <> NEW.id AND c.subject = NEW.subject AND c.revoked_at IS NULL
    AND c.kind = NEW.kind AND c.anchor_id IS NOT DISTINCT FROM NEW.anchor_id
    AND c.issuer_id IS NOT DISTINCT FROM NEW.issuer_id
    AND (c.identity_id <> NEW.identity_id OR c.expires_at > NEW.created_at)) THEN
    RAISE EXCEPTION 'another credential shows the same' USING ERRCODE = 'unique_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER credential_subject_is_its_own AFTER INSERT OR UPDATE OF subject, revoked_at ON credential
  FOR EACH ROW EXECUTE FUNCTION refuse_taken_subject();

CREATE TRIGGER trust_anchor_is_marked BEFORE UPDATE ON trust_anchor FOR EACH ROW EXECUTE FUNCTION mark_changed();
CREATE TRIGGER token_issuer_is_marked BEFORE UPDATE ON token_issuer FOR EACH ROW EXECUTE FUNCTION mark_changed();
-- That it was used changes nothing of it.
CREATE TRIGGER credential_is_marked BEFORE UPDATE OF expires_at, revoked_at, rule, subject ON credential
  FOR EACH ROW EXECUTE FUNCTION mark_changed();
CREATE TRIGGER credential_end_wakes AFTER UPDATE OF revoked_at, expires_at ON credential
  FOR EACH STATEMENT EXECUTE FUNCTION wake_gateways();
CREATE TRIGGER trust_anchor_end_wakes AFTER UPDATE ON trust_anchor FOR EACH STATEMENT EXECUTE FUNCTION wake_gateways();
CREATE TRIGGER token_issuer_end_wakes AFTER UPDATE ON token_issuer FOR EACH STATEMENT EXECUTE FUNCTION wake_gateways();

ALTER TABLE network ADD COLUMN version xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE TRIGGER network_is_marked BEFORE UPDATE ON network FOR EACH ROW EXECUTE FUNCTION mark_changed();
CREATE TRIGGER network_end_wakes AFTER INSERT OR UPDATE OR DELETE ON network FOR EACH STATEMENT EXECUTE FUNCTION wake_gateways();

-- From which networks a credential was used: a named one, else the address's own /24 or /48.
CREATE TABLE credential_use (
  credential_id uuid NOT NULL,
  network text NOT NULL CHECK (length(network) BETWEEN 1 AND 80),
  first_at timestamptz(6) NOT NULL,
  last_at timestamptz(6) NOT NULL,
  CONSTRAINT credential_use_pkey PRIMARY KEY (credential_id, network),
  CONSTRAINT credential_use_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES credential (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

-- Something true now that policy may read, of whatever it is true.
CREATE TABLE fact (
  -- `identity:ID`, `session:ID`, `resource:ID`.
  subject text NOT NULL CHECK (length(subject) BETWEEN 3 AND 200),
  name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_.]{0,79}$'),
  value jsonb NOT NULL CHECK (length(value::text) <= 4096),
  measured_at timestamptz(6) NOT NULL,
  -- From then on it is as if it were not there.
  until timestamptz(6),
  -- Who says so: `identity:ID`, `projection:NAME`, `gateway`.
  source text NOT NULL CHECK (length(source) BETWEEN 1 AND 200),
  version xid8 NOT NULL DEFAULT pg_current_xact_id(),
  CONSTRAINT fact_pkey PRIMARY KEY (subject, name)
);
CREATE INDEX fact_version_idx ON fact (version);
CREATE INDEX fact_until_idx ON fact (until);
CREATE TRIGGER fact_is_marked BEFORE UPDATE ON fact FOR EACH ROW EXECUTE FUNCTION mark_changed();

INSERT INTO control_kind (name) VALUES ('credential_registered'), ('credential_rotated'), ('anchor_added'), ('anchor_changed'),
  ('anchor_revoked'), ('issuer_added'), ('issuer_changed'), ('issuer_revoked');

GRANT SELECT ON trust_anchor, token_issuer, credential_use, fact TO sallyport_gateway, sallyport_worker, sallyport_console;
GRANT SELECT ON network TO sallyport_gateway, sallyport_worker;
GRANT INSERT, UPDATE ON trust_anchor, token_issuer TO sallyport_console;
GRANT INSERT, UPDATE ON credential_use TO sallyport_gateway;
GRANT INSERT, UPDATE ON fact TO sallyport_gateway;
GRANT INSERT, UPDATE, DELETE ON fact TO sallyport_worker;
GRANT UPDATE (revoked_reason) ON credential TO sallyport_gateway;
REVOKE ALL ON FUNCTION refuse_second_domain(), refuse_second_issuer(), refuse_taken_subject() FROM PUBLIC;

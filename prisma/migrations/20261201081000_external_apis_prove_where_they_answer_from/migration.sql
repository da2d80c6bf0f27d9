-- Where an external API answers from, and how what it signs is verified.
CREATE TABLE external_api (
  identity_id uuid NOT NULL,
  -- Lower case, IDN as ASCII; `*.` in front stands for one label.
  hosts text[] CHECK (hosts IS NOT NULL AND cardinality(hosts) BETWEEN 1 AND 50),
  -- SHA-256 of the SubjectPublicKeyInfo, base64.
  pins text[] DEFAULT '{}' CHECK (pins IS NOT NULL AND cardinality(pins) <= 10),
  -- Who signs its certificates, where that is not one of the system's: one that is believed anyway, or PEM.
  anchor_id uuid,
  authority text CHECK (length(authority) <= 65536),
  -- lib/identities/external/schema.ts
  verifier jsonb,
  -- Shared secrets of what it signs, sealed.
  secret bytea,
  key_id uuid,
  changed_at timestamptz(6) NOT NULL,
  probe_due_at timestamptz(6) NOT NULL,
  probe_asked_at timestamptz(6),
  CONSTRAINT external_api_pkey PRIMARY KEY (identity_id),
  CONSTRAINT external_api_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT external_api_anchor_id_fkey FOREIGN KEY (anchor_id) REFERENCES trust_anchor (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT external_api_key_id_fkey FOREIGN KEY (key_id) REFERENCES data_key (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT external_api_authority CHECK (anchor_id IS NULL OR authority IS NULL),
  CONSTRAINT external_api_secret CHECK ((secret IS NULL) = (key_id IS NULL))
);
CREATE INDEX external_api_anchor_id_idx ON external_api (anchor_id);
CREATE INDEX external_api_probe_due_at_idx ON external_api (probe_due_at);

-- INVARIANT: by which names and hosts what arrives is judged, and from when on. Never changed, and from a moment on that
-- no projection has read past when it commits, so that reading the log again comes to the same.
CREATE TABLE external_api_version (
  identity_id uuid NOT NULL,
  since timestamptz(6) NOT NULL,
  hosts text[] CHECK (hosts IS NOT NULL),
  -- In lower case.
  names text[] CHECK (names IS NOT NULL),
  CONSTRAINT external_api_version_pkey PRIMARY KEY (identity_id, since)
);
CREATE FUNCTION note_external_api() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  changed uuid := CASE TG_TABLE_NAME WHEN 'identity' THEN to_jsonb(NEW) ->> 'id' ELSE to_jsonb(NEW) ->> 'identity_id' END;
BEGIN
  INSERT INTO external_api_version (identity_id, since, hosts, names)
  SELECT i.id, date_trunc('milliseconds', clock_timestamp()) + interval '5 seconds',
    CASE i.state WHEN 'decommissioned' THEN '{}'::text[] ELSE a.hosts END,
    CASE i.state WHEN 'decommissioned' THEN '{}'::text[]
      ELSE ARRAY(SELECT DISTINCT lower(n) FROM unnest(ARRAY[i.name] || i.names) AS n ORDER BY 1) END
  FROM external_api a JOIN identity i ON i.id = a.identity_id WHERE a.identity_id = changed
  ON CONFLICT (identity_id, since) DO UPDATE SET hosts = excluded.hosts, names = excluded.names;
  RETURN NULL;
END $$;
CREATE TRIGGER external_api_is_noted AFTER INSERT OR UPDATE OF hosts ON external_api
  FOR EACH ROW EXECUTE FUNCTION note_external_api();
CREATE TRIGGER external_api_name_is_noted AFTER UPDATE OF name, names, state ON identity
  FOR EACH ROW WHEN (NEW.kind = 'external_api' AND (OLD.name, OLD.names, OLD.state) IS DISTINCT FROM (NEW.name, NEW.names, NEW.state))
  EXECUTE FUNCTION note_external_api();

-- What asking a host came to, the last time.
CREATE TABLE external_probe (
  identity_id uuid NOT NULL,
  host text NOT NULL CHECK (length(host) BETWEEN 1 AND 253),
  outcome text NOT NULL CHECK (outcome IN ('verified', 'unverified', 'unreachable')),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 300),
  -- Of the certificate that it showed.
  subject text CHECK (length(subject) <= 300),
  issuer text CHECK (length(issuer) <= 300),
  pin text CHECK (length(pin) <= 44),
  ends_at timestamptz(6),
  probed_at timestamptz(6) NOT NULL,
  CONSTRAINT external_probe_pkey PRIMARY KEY (identity_id, host),
  CONSTRAINT external_probe_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE
);

-- Signed messages that were verified a moment ago, so that none counts twice.
CREATE TABLE external_message (
  identity_id uuid NOT NULL,
  -- SHA-256 of its id.
  message bytea NOT NULL CHECK (length(message) = 32),
  -- When it was signed, in seconds since 1970.
  stamp bigint NOT NULL,
  until timestamptz(6) NOT NULL,
  CONSTRAINT external_message_pkey PRIMARY KEY (identity_id, message, stamp),
  CONSTRAINT external_message_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX external_message_until_idx ON external_message (until);

-- Interactions with what says it is a registered API, by hour of arrival and shard.
CREATE TABLE external_hour (
  identity uuid NOT NULL,
  hour timestamptz(6) NOT NULL,
  shard integer NOT NULL,
  interactions integer NOT NULL,
  unverified integer NOT NULL,
  CONSTRAINT external_hour_pkey PRIMARY KEY (identity, hour, shard)
);
-- Those whose server is none of its hosts: the first of each hour.
CREATE TABLE external_mismatch (
  received_at timestamptz(3) NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  identity uuid NOT NULL,
  CONSTRAINT external_mismatch_pkey PRIMARY KEY (received_at, shard, position, identity)
);
CREATE INDEX external_mismatch_identity_idx ON external_mismatch (identity, received_at, shard, position);

INSERT INTO control_kind (name) VALUES ('external_api_set'), ('external_probe_asked');
INSERT INTO control_kind (name, by_worker) VALUES ('origin_changed', true);

GRANT SELECT ON external_api, external_api_version, external_probe, external_hour, external_mismatch
  TO sallyport_gateway, sallyport_worker, sallyport_console;
GRANT INSERT, UPDATE ON external_api TO sallyport_console;
GRANT UPDATE (probe_due_at) ON external_api TO sallyport_worker;
GRANT INSERT, UPDATE, DELETE ON external_probe, external_hour, external_mismatch TO sallyport_worker;
GRANT SELECT, INSERT, DELETE ON external_message TO sallyport_gateway;
REVOKE ALL ON FUNCTION note_external_api() FROM PUBLIC;

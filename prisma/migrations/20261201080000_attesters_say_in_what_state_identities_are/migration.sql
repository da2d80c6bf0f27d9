-- What can be said of the state an identity is in, for how long at most.
CREATE TABLE posture_type (
  name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,59}$'),
  type text NOT NULL CHECK (type IN ('boolean', 'integer', 'decimal', 'choice', 'text')),
  choices text[] DEFAULT '{}' CHECK (choices IS NOT NULL AND cardinality(choices) <= 50),
  description text NOT NULL CHECK (length(description) BETWEEN 1 AND 300),
  longest_minutes integer NOT NULL CHECK (longest_minutes BETWEEN 1 AND 527040),
  changed_at timestamptz(6) NOT NULL,
  CONSTRAINT posture_type_pkey PRIMARY KEY (name),
  CONSTRAINT posture_type_choices CHECK ((type = 'choice') = (cardinality(choices) > 0))
);

-- A service that an administrator lets say some of it, of some.
CREATE TABLE attester (
  identity_id uuid NOT NULL,
  facts text[] CHECK (facts IS NOT NULL AND cardinality(facts) BETWEEN 1 AND 100),
  reach text NOT NULL CHECK (reach IN ('all', 'identities', 'team')),
  identities uuid[] DEFAULT '{}' CHECK (identities IS NOT NULL AND cardinality(identities) <= 500),
  team_id uuid,
  changed_at timestamptz(6) NOT NULL,
  CONSTRAINT attester_pkey PRIMARY KEY (identity_id),
  CONSTRAINT attester_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT attester_team_id_fkey FOREIGN KEY (team_id) REFERENCES team (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT attester_reach CHECK ((reach = 'team') = (team_id IS NOT NULL) AND (reach = 'identities') = (cardinality(identities) > 0))
);
CREATE INDEX attester_team_id_idx ON attester (team_id);

-- When an attester last said something of an identity, and when an entry last told of it.
CREATE TABLE attestation (
  identity_id uuid NOT NULL,
  attester_id uuid NOT NULL,
  said_at timestamptz(6) NOT NULL,
  logged_at timestamptz(6) NOT NULL,
  CONSTRAINT attestation_pkey PRIMARY KEY (identity_id, attester_id),
  CONSTRAINT attestation_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT attestation_attester_id_fkey FOREIGN KEY (attester_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX attestation_attester_id_idx ON attestation (attester_id);

INSERT INTO posture_type (name, type, description, longest_minutes, changed_at) VALUES
  ('critical_vulnerabilities', 'integer', 'Known critical vulnerabilities of what it runs on', 1440, now()),
  ('disk_encrypted', 'boolean', 'Its disks are encrypted', 10080, now()),
  ('egress_restricted', 'boolean', 'It reaches listed hosts only', 1440, now()),
  ('image_signed', 'boolean', 'It runs from an image whose signature was verified', 10080, now()),
  ('patched', 'boolean', 'No security update has been due for longer than the organisation allows', 10080, now()),
  ('runs_as_root', 'boolean', 'It runs with all rights on its machine', 1440, now()),
  ('runtime_version', 'text', 'Version of what runs it', 10080, now()),
  ('sandboxed', 'boolean', 'It runs in a sandbox that was checked', 1440, now()),
  ('secure_boot', 'boolean', 'Its machine started what was signed and nothing else', 10080, now());

INSERT INTO control_kind (name) VALUES ('posture_type_set'), ('posture_type_removed'), ('attester_set'), ('attester_removed');
INSERT INTO control_kind (name, by_gateway) VALUES ('posture_attested', true);

GRANT SELECT ON posture_type, attester, attestation TO sallyport_gateway, sallyport_worker, sallyport_console;
GRANT INSERT, UPDATE, DELETE ON posture_type, attester TO sallyport_console;
GRANT INSERT, UPDATE ON attestation TO sallyport_gateway;
-- What an attester said ends with its right to say it.
GRANT UPDATE (until) ON fact TO sallyport_console;

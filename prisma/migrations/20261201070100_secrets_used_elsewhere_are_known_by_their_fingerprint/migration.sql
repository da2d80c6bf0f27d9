-- Secrets that others gave and that identities use elsewhere: by who gave them and by their fingerprint, never by value.
CREATE TABLE foreign_secret (
  id uuid NOT NULL,
  identity_id uuid NOT NULL,
  -- Who gave it: a provider, a vendor.
  issuer text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 120),
  label text NOT NULL CHECK (length(label) BETWEEN 1 AND 120),
  -- SHA-256 of the secret.
  fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
  -- Who rotates it; without one, whoever answers for the identity.
  owner_id uuid,
  made_at timestamptz(6) NOT NULL,
  rotated_at timestamptz(6),
  due_at timestamptz(6) NOT NULL,
  created_at timestamptz(6) NOT NULL,
  changed_at timestamptz(6) NOT NULL,
  CONSTRAINT foreign_secret_pkey PRIMARY KEY (id),
  CONSTRAINT foreign_secret_identity_id_fkey FOREIGN KEY (identity_id) REFERENCES identity (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT foreign_secret_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES person (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX foreign_secret_identity_id_fingerprint_key ON foreign_secret (identity_id, fingerprint);
CREATE INDEX foreign_secret_fingerprint_idx ON foreign_secret (fingerprint);
CREATE INDEX foreign_secret_owner_id_idx ON foreign_secret (owner_id);
CREATE INDEX foreign_secret_due_at_idx ON foreign_secret (due_at);

INSERT INTO control_kind (name) VALUES ('foreign_secret_added'), ('foreign_secret_changed'), ('foreign_secret_rotated'),
  ('foreign_secret_removed');
GRANT SELECT, INSERT, UPDATE, DELETE ON foreign_secret TO sallyport_console;
GRANT SELECT ON foreign_secret TO sallyport_worker;

-- A person is proved by a password and a second factor, by a passkey, which is both, or by the organisation's own
-- sign-in (issuer and subject, never the e-mail alone).
ALTER TABLE person
  ALTER COLUMN password_hash DROP NOT NULL,
  ADD COLUMN issuer text CHECK (length(issuer) <= 2048),
  ADD COLUMN subject text CHECK (length(subject) <= 255),
  -- Kept for the day on which nothing else opens; each use of it is told to every administrator.
  ADD COLUMN is_break_glass boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT person_issuer_with_subject CHECK ((issuer IS NULL) = (subject IS NULL)),
  ADD CONSTRAINT person_known_roles CHECK (roles <@ ARRAY['viewer', 'analyst', 'policy_author', 'approver', 'admin']);
CREATE UNIQUE INDEX person_issuer_subject_key ON person (issuer, subject);

-- One seed of time-based codes (RFC 6238) a person, kept once a code of it was shown.
CREATE TABLE totp (
  person_id uuid NOT NULL,
  id uuid NOT NULL,
  seed bytea NOT NULL,
  key_id uuid NOT NULL,
  confirmed_at timestamptz(6) NOT NULL,
  -- The newest time step of which a code was taken: none is taken twice, nor an older one after it.
  last_step bigint NOT NULL DEFAULT 0,
  CONSTRAINT totp_pkey PRIMARY KEY (person_id),
  CONSTRAINT totp_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT totp_key_id_fkey FOREIGN KEY (key_id) REFERENCES data_key(id) ON DELETE RESTRICT ON UPDATE CASCADE
);

-- Public keys of passkeys (Web Authentication, level 3).
CREATE TABLE passkey (
  id uuid NOT NULL,
  person_id uuid NOT NULL,
  credential_id bytea NOT NULL CHECK (length(credential_id) BETWEEN 1 AND 1023),
  public_key bytea NOT NULL CHECK (length(public_key) BETWEEN 1 AND 4096),
  counter bigint NOT NULL CHECK (counter >= 0),
  transports text[],
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  is_synced boolean NOT NULL,
  created_at timestamptz(6) NOT NULL,
  last_used_at timestamptz(6),
  CONSTRAINT passkey_pkey PRIMARY KEY (id),
  CONSTRAINT passkey_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX passkey_credential_id_key ON passkey (credential_id);
CREATE INDEX passkey_person_id_idx ON passkey (person_id);

-- Each opens one sign-in in place of a lost factor.
CREATE TABLE recovery_code (
  id uuid NOT NULL,
  person_id uuid NOT NULL,
  hash bytea NOT NULL,
  created_at timestamptz(6) NOT NULL,
  used_at timestamptz(6),
  CONSTRAINT recovery_code_pkey PRIMARY KEY (id),
  CONSTRAINT recovery_code_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX recovery_code_hash_key ON recovery_code (hash);
CREATE INDEX recovery_code_person_id_idx ON recovery_code (person_id);

-- Proofs that were taken and must not be taken again, until they lapse by themselves.
CREATE TABLE used_proof (
  hash bytea NOT NULL,
  until timestamptz(6) NOT NULL,
  CONSTRAINT used_proof_pkey PRIMARY KEY (hash)
);
CREATE INDEX used_proof_until_idx ON used_proof (until);

ALTER TABLE sign_in
  ADD COLUMN proof text NOT NULL DEFAULT 'password' CHECK (proof IN ('password', 'passkey', 'sso')),
  ADD COLUMN factor text CHECK (factor IN ('totp', 'passkey', 'recovery', 'sso')),
  -- The session of the organisation's own sign-in (OpenID Connect's sid), which may end it from there.
  ADD COLUMN sso_sid text CHECK (length(sso_sid) <= 255),
  ADD COLUMN ended_why text CHECK (length(ended_why) <= 64),
  ADD CONSTRAINT sign_in_factor_with_time CHECK ((factor IS NULL) = (factor_at IS NULL));
-- What was opened by a password alone does not count any more.
UPDATE sign_in SET ended_at = now(), ended_why = 'factor_required' WHERE ended_at IS NULL;
CREATE INDEX sign_in_sso_sid_idx ON sign_in (sso_sid) WHERE sso_sid IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON totp, passkey, recovery_code TO sallyport_console;
GRANT SELECT, INSERT, DELETE ON used_proof TO sallyport_console;
GRANT SELECT (until), DELETE ON used_proof TO sallyport_worker;
GRANT SELECT (expires_at), DELETE ON sign_in TO sallyport_worker;
GRANT INSERT ON data_key TO sallyport_console;

INSERT INTO control_kind (name) VALUES ('password_proved'), ('factor_refused'), ('factor_proved'), ('totp_enrolled'), ('totp_removed'), ('passkey_enrolled'),
  ('passkey_removed'), ('passkey_renamed'), ('recovery_codes_made'), ('recovery_code_used'), ('sign_in_ended'),
  ('password_changed'), ('break_glass_used');

-- What machines that manage prove themselves with at /api/v1. Of the secret only its SHA-256 is kept.
CREATE TABLE api_key (
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  -- Closed: none of them approves or enforces anything.
  scopes text[] CHECK (scopes IS NOT NULL AND cardinality(scopes) > 0 AND scopes <@ ARRAY[
    'registry:read', 'registry:write', 'policy:read', 'policy:write', 'log:read']),
  hash bytea NOT NULL CHECK (length(hash) = 32),
  hint text NOT NULL,
  -- Stands by itself: a key that may come from listed networks only comes from nowhere when none is left.
  is_network_bound boolean NOT NULL,
  made_by uuid NOT NULL,
  -- The key that this one takes over from.
  replaces_id uuid,
  created_at timestamptz(6) NOT NULL,
  expires_at timestamptz(6) NOT NULL CHECK (expires_at > created_at AND expires_at <= created_at + interval '366 days'),
  revoked_at timestamptz(6),
  last_used_at timestamptz(6),
  CONSTRAINT api_key_pkey PRIMARY KEY (id),
  CONSTRAINT api_key_made_by_fkey FOREIGN KEY (made_by) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT api_key_replaces_id_fkey FOREIGN KEY (replaces_id) REFERENCES api_key(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX api_key_hash_key ON api_key (hash);
-- A key has one successor.
CREATE UNIQUE INDEX api_key_replaces_id_key ON api_key (replaces_id);
CREATE INDEX api_key_made_by_idx ON api_key (made_by);

CREATE TABLE api_key_network (
  api_key_id uuid NOT NULL,
  network_id uuid NOT NULL,
  CONSTRAINT api_key_network_pkey PRIMARY KEY (api_key_id, network_id),
  CONSTRAINT api_key_network_api_key_id_fkey FOREIGN KEY (api_key_id) REFERENCES api_key(id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT api_key_network_network_id_fkey FOREIGN KEY (network_id) REFERENCES network(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX api_key_network_network_id_idx ON api_key_network (network_id);

GRANT SELECT, INSERT ON api_key TO sallyport_console;
-- A key only ever ends sooner: its scopes and where it may come from are for good.
GRANT UPDATE (expires_at, revoked_at) ON api_key TO sallyport_console;
GRANT SELECT, INSERT, DELETE ON api_key_network TO sallyport_console;

GRANT SELECT ON api_key, api_key_network TO sallyport_gateway;
GRANT UPDATE (last_used_at) ON api_key TO sallyport_gateway;
-- For /api/v1: whether a key's maker is still here and may still make it, who erased an entry, and which entries tell of
-- one call.
GRANT SELECT (id, name, disabled_at, roles, reach) ON person TO sallyport_gateway;
GRANT SELECT ON entry_link TO sallyport_gateway;

INSERT INTO control_kind (name) VALUES ('api_key_issued'), ('api_key_rotated'), ('api_key_revoked');

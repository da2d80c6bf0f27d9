-- What a person is told in the console, once each.
CREATE TABLE notice (
  id uuid NOT NULL,
  person_id uuid NOT NULL,
  kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
  subject text NOT NULL CHECK (length(subject) <= 200),
  -- JSON: names and values of one line each.
  facts text NOT NULL CHECK (length(facts) <= 16384),
  link text NOT NULL CHECK (link ~ '^/([^/\\]|$)' AND length(link) <= 512),
  created_at timestamptz(6) NOT NULL,
  read_at timestamptz(6),
  CONSTRAINT notice_pkey PRIMARY KEY (id),
  CONSTRAINT notice_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX notice_person_id_id_idx ON notice (person_id, id);
CREATE INDEX notice_unread_idx ON notice (person_id, id) WHERE read_at IS NULL;

-- One signed webhook (Standard Webhooks) a person or team. Its secret is sealed.
CREATE TABLE webhook (
  id uuid NOT NULL,
  person_id uuid,
  team_id uuid,
  url text NOT NULL CHECK (length(url) BETWEEN 1 AND 2048),
  secret bytea NOT NULL,
  key_id uuid NOT NULL,
  created_at timestamptz(6) NOT NULL,
  rotated_at timestamptz(6) NOT NULL,
  CONSTRAINT webhook_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_of_one CHECK ((person_id IS NULL) <> (team_id IS NULL)),
  CONSTRAINT webhook_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT webhook_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT webhook_key_id_fkey FOREIGN KEY (key_id) REFERENCES data_key(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX webhook_person_id_key ON webhook (person_id);
CREATE UNIQUE INDEX webhook_team_id_key ON webhook (team_id);

-- The outbox: what is to be sent, is sent in its own time, and how that went.
CREATE TABLE delivery (
  id uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('email', 'webhook')),
  kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
  subject text NOT NULL CHECK (length(subject) <= 200),
  -- Whom it tells; null for a team, and for an address without a person.
  person_id uuid,
  webhook_id uuid,
  -- An address, or the host of a webhook.
  target text NOT NULL CHECK (length(target) <= 320),
  -- Exactly what is sent, or, where it holds a secret, that sealed. Neither is kept once it was sent.
  payload text CHECK (length(payload) <= 65536),
  sealed bytea CHECK (length(sealed) <= 65536),
  key_id uuid,
  state text NOT NULL CHECK (state IN ('waiting', 'sent', 'dead', 'withdrawn')),
  tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
  -- When it is sent next. Whoever sends it moves this ahead first, so that one that dies is followed by another.
  due_at timestamptz(6) NOT NULL,
  last_error text CHECK (length(last_error) <= 500),
  created_at timestamptz(6) NOT NULL,
  ended_at timestamptz(6),
  CONSTRAINT delivery_pkey PRIMARY KEY (id),
  CONSTRAINT delivery_ended_with_time CHECK ((state = 'waiting') = (ended_at IS NULL)),
  CONSTRAINT delivery_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT delivery_webhook_id_fkey FOREIGN KEY (webhook_id) REFERENCES webhook(id) ON DELETE SET NULL ON UPDATE CASCADE,
  CONSTRAINT delivery_key_id_fkey FOREIGN KEY (key_id) REFERENCES data_key(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX delivery_due_idx ON delivery (channel, due_at) WHERE state = 'waiting';
CREATE INDEX delivery_state_id_idx ON delivery (state, id);
CREATE INDEX delivery_webhook_id_idx ON delivery (webhook_id);
CREATE INDEX delivery_person_id_idx ON delivery (person_id);
CREATE INDEX delivery_ended_at_idx ON delivery (ended_at);

GRANT SELECT, INSERT ON notice, delivery TO sallyport_console, sallyport_worker;
GRANT DELETE ON notice, delivery TO sallyport_worker;
-- Whom a notice tells of what, and what was to be sent to whom, never change.
GRANT UPDATE (read_at) ON notice TO sallyport_console;
GRANT UPDATE (state, tries, due_at, last_error, ended_at, payload, sealed, key_id) ON delivery TO sallyport_console, sallyport_worker;
GRANT SELECT, INSERT, DELETE ON webhook TO sallyport_console;
GRANT UPDATE (url, secret, key_id, rotated_at) ON webhook TO sallyport_console;
GRANT SELECT ON webhook TO sallyport_worker;

INSERT INTO control_kind (name) VALUES ('webhook_set'), ('webhook_removed'), ('webhook_secret_rotated'), ('delivery_retried'),
  ('delivery_tested'), ('notices_read');

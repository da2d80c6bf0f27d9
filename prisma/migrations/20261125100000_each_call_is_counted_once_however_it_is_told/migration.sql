-- Which end of an exchange a span is. Nullable, as every new fact: entries of before still recompute.
ALTER TABLE interaction ADD COLUMN span_kind text;

-- The one that gives way is `this`, always. One that several keys lead to another has a row for each, so that what a
-- key finds can be found anew without regard to the others. `none`: two ends that disagree, of which both count.
ALTER TABLE entry_link ADD COLUMN key uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE entry_link ALTER COLUMN key DROP DEFAULT;
ALTER TABLE entry_link DROP CONSTRAINT entry_link_pkey, DROP CONSTRAINT entry_link_uncounted_check;
UPDATE entry_link SET received_at = other_received_at, shard = other_shard, position = other_position,
  other_received_at = received_at, other_shard = shard, other_position = position, uncounted = 'this'
  WHERE uncounted = 'other';
ALTER TABLE entry_link ADD CONSTRAINT entry_link_pkey PRIMARY KEY (received_at, shard, position, key),
  ADD CONSTRAINT entry_link_uncounted_check CHECK (uncounted IN ('this', 'none'));

-- Of a key, each role and owner has one place: the first of the log. So a key stays short, however often it is sent.
DROP TABLE call_id, exchange_end;
CREATE UNLOGGED TABLE call_id (
  key uuid NOT NULL,
  role smallint NOT NULL,
  who uuid NOT NULL,
  received_at timestamptz(3) NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  CONSTRAINT call_id_pkey PRIMARY KEY (key, role, who)
);
CREATE INDEX call_id_received_at_idx ON call_id (received_at);
CREATE UNLOGGED TABLE exchange_end (
  key uuid NOT NULL,
  role smallint NOT NULL,
  who uuid NOT NULL,
  received_at timestamptz(3) NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  CONSTRAINT exchange_end_pkey PRIMARY KEY (key, role, who)
);
CREATE INDEX exchange_end_received_at_idx ON exchange_end (received_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON call_id, exchange_end TO sallyport_worker;

-- Who brought a name that nobody had brought before: each has a budget of such names by the hour.
TRUNCATE term_hour;
ALTER TABLE term_hour ADD COLUMN reporter uuid NOT NULL, ADD COLUMN is_new boolean NOT NULL;

-- Erasing the last entry with a name looks for it here, among as many rows as senders could bring about.
CREATE INDEX term_hour_term_idx ON term_hour (term);
CREATE INDEX rollup_minute_resource_idx ON rollup_minute (resource);
CREATE INDEX rollup_hour_resource_idx ON rollup_hour (resource);
CREATE INDEX rollup_day_resource_idx ON rollup_day (resource);

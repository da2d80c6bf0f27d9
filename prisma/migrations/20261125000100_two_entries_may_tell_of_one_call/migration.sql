CREATE TABLE entry_link (
  received_at timestamptz(3) NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  relation text NOT NULL CHECK (relation IN ('same_call', 'counterpart')),
  other_received_at timestamptz(3) NOT NULL,
  other_shard integer NOT NULL,
  other_position bigint NOT NULL,
  uncounted text NOT NULL CHECK (uncounted IN ('this', 'other')),
  CONSTRAINT entry_link_pkey PRIMARY KEY (received_at, shard, position, relation)
);
CREATE INDEX entry_link_other_received_at_other_shard_other_position_idx
  ON entry_link (other_received_at, other_shard, other_position);
GRANT SELECT, INSERT, DELETE ON entry_link TO sallyport_worker;
GRANT SELECT ON entry_link TO sallyport_console;

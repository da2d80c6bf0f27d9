-- Before an identity is stopped somebody asks what it acts on.
CREATE INDEX rollup_day_identity_at_idx ON rollup_day (identity, at);

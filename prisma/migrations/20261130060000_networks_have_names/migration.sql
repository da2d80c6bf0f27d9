-- Networks that the organisation names. What is in none of them has no name, and that is no error.
CREATE TABLE network (
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
  -- Normalised: no bits behind the prefix, IPv6 as RFC 5952 writes it.
  cidrs text[] CHECK (cidrs IS NOT NULL AND cardinality(cidrs) BETWEEN 1 AND 50),
  changed_at timestamptz(6) NOT NULL,
  CONSTRAINT network_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX network_name_key ON network (name);

GRANT SELECT ON network TO sallyport_gateway, sallyport_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON network TO sallyport_console;
-- Whoever lowers retention is shown first which days go.
GRANT SELECT ON partitioned_table TO sallyport_console;
INSERT INTO control_kind (name) VALUES
  ('setting_changed'), ('network_named'), ('network_changed'), ('network_removed');

-- What models cost, in US dollars a million tokens. Empty at first: a cost that nobody knows is not made up.
CREATE TABLE price (
  id uuid NOT NULL,
  -- Empty means any provider.
  provider text NOT NULL CHECK (length(provider) <= 256),
  -- A name, or the beginning of names with an asterisk at its end.
  model text NOT NULL CHECK (length(model) BETWEEN 1 AND 256),
  input_per_million double precision NOT NULL CHECK (input_per_million BETWEEN 0 AND 1000000),
  output_per_million double precision NOT NULL CHECK (output_per_million BETWEEN 0 AND 1000000),
  cache_read_per_million double precision CHECK (cache_read_per_million BETWEEN 0 AND 1000000),
  cache_write_per_million double precision CHECK (cache_write_per_million BETWEEN 0 AND 1000000),
  set_at timestamptz(6) NOT NULL,
  CONSTRAINT price_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX price_provider_model_key ON price (provider, model);

GRANT SELECT ON price TO sallyport_gateway;
GRANT SELECT, INSERT, UPDATE, DELETE ON price TO sallyport_console;
INSERT INTO control_kind (name) VALUES ('price_set'), ('price_removed');

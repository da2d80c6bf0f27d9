-- What content is found by: keyed hashes of its words, so that this table tells no reader of the database what
-- the encrypted body beside it does not.
CREATE TABLE search_document (
  received_at timestamptz(3) NOT NULL,
  shard integer NOT NULL,
  position bigint NOT NULL,
  document tsvector NOT NULL,
  truncated boolean NOT NULL,
  CONSTRAINT search_document_pkey PRIMARY KEY (received_at, shard, position)
) PARTITION BY RANGE (received_at);
CREATE INDEX search_document_document_idx ON search_document USING gin (document);
-- Hashes do not compress.
ALTER TABLE search_document ALTER COLUMN document SET STORAGE EXTERNAL;

INSERT INTO partitioned_table (name, expires_with) VALUES ('search_document', 'bodies');
SELECT ensure_partitions(greatest(min(day), (now() AT TIME ZONE 'UTC')::date - 400), max(day))
FROM (
  SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day
  FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE h.inhparent = 'body'::regclass
) AS kept
HAVING count(*) > 0;

-- INVARIANT: a body and what it is found by go together. A batch of the projection that has read the body holds
-- this lock until it has committed, so what it wrote is seen here.
CREATE FUNCTION forget_search_document() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7305006, OLD.shard);
  DELETE FROM search_document s
    WHERE s.received_at = OLD.received_at AND s.shard = OLD.shard AND s.position = OLD.position;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION forget_search_document() FROM PUBLIC;
CREATE TRIGGER body_forget_search_document AFTER DELETE ON body
  FOR EACH ROW EXECUTE FUNCTION forget_search_document();
DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT 'body'::regclass UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = 'body'::regclass LOOP
    EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER body_forget_search_document', part);
  END LOOP;
END $$;

GRANT SELECT, INSERT, DELETE ON search_document TO sallyport_worker;
GRANT SELECT ON search_document TO sallyport_console;

INSERT INTO control_kind (name) VALUES ('content_searched');

-- A time range asks when a thing happened, and pages go by arrival: ranges of blocks know which times they
-- hold, outliers apart. Costs ingest next to nothing.
CREATE INDEX interaction_happened_idx ON interaction USING brin (
  (CASE WHEN marks & 2 = 0 THEN to_timestamp((started_ns / 1000000) / 1000.0::double precision) ELSE received_at END)
  timestamptz_minmax_multi_ops
) WITH (autosummarize = on);

-- With two values that are frequent each and rare together, the rows that have both are found by joining two
-- lists. Equal keys share one list, which is cheap to extend.
CREATE INDEX interaction_kind_status_idx ON interaction (kind, status);
DROP INDEX interaction_rare_kinds_idx;

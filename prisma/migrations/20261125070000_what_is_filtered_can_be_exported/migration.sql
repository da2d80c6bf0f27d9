-- An export runs as its download streams; nothing of it lies anywhere. This is its ticket and its progress.
CREATE TABLE export_job (
  id uuid NOT NULL,
  person uuid NOT NULL,
  search text NOT NULL CHECK (length(search) <= 16384),
  format text NOT NULL CHECK (format IN ('ndjson', 'csv')),
  with_content boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'expired')),
  rows_done bigint NOT NULL DEFAULT 0,
  -- Null where counting them all would have taken too long.
  rows_estimated bigint,
  bytes bigint NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL,
  started_at timestamptz(3),
  moved_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3),
  CONSTRAINT export_job_pkey PRIMARY KEY (id),
  CONSTRAINT export_job_person_fkey FOREIGN KEY (person) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX export_job_person_idx ON export_job (person);
GRANT SELECT, INSERT, DELETE ON export_job TO sallyport_console;
-- Whose it is and when it was asked for never change; what it asks for is emptied once it was taken.
GRANT UPDATE (search, state, rows_done, bytes, started_at, moved_at, finished_at) ON export_job TO sallyport_console;
INSERT INTO control_kind (name) VALUES ('export_started'), ('export_finished');

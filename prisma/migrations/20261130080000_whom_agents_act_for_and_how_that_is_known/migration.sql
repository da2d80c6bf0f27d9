-- For whom each agent acts, as one reporter tells of it.
CREATE TABLE person_behind (
  person uuid NOT NULL,
  identity uuid NOT NULL,
  reporter uuid NOT NULL,
  shard integer NOT NULL,
  evidence text NOT NULL CHECK (evidence IN ('declared', 'proved')),
  -- Of the sign-in that proved the person.
  factor text CHECK (factor IN ('totp', 'passkey', 'recovery', 'sso')),
  interactions bigint NOT NULL,
  points bigint NOT NULL,
  first_at timestamptz(3) NOT NULL,
  last_at timestamptz(3) NOT NULL,
  last_received_at timestamptz(3) NOT NULL,
  -- From when on nobody has said that it is expected; null is never. Kept by triggers, from what is decided.
  open_from timestamptz(6),
  CONSTRAINT person_behind_pkey PRIMARY KEY (person, identity, reporter, shard),
  -- Whoever sends can declare anybody: it never shows a factor, whatever is written here.
  CONSTRAINT person_behind_declared_shows_no_factor CHECK (evidence = 'proved' OR factor IS NULL)
);
CREATE INDEX person_behind_identity_idx ON person_behind (identity);
-- The few that are open, among however many that are expected.
CREATE INDEX person_behind_open_from_idx ON person_behind (open_from) WHERE factor IS NULL;

-- What senders call them, under its hash. Gone with the last entry that says it.
CREATE TABLE person_behind_name (
  id uuid NOT NULL,
  text text NOT NULL,
  CONSTRAINT person_behind_name_pkey PRIMARY KEY (id)
);

-- How many people a reporter brought on a day of arrival that were not known before; others are told as one.
CREATE TABLE person_behind_day (
  shard integer NOT NULL,
  reporter uuid NOT NULL,
  day timestamptz(0) NOT NULL,
  people integer NOT NULL,
  CONSTRAINT person_behind_day_pkey PRIMARY KEY (shard, reporter, day)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON person_behind, person_behind_day TO sallyport_worker;
GRANT SELECT, INSERT, DELETE ON person_behind_name TO sallyport_worker;
GRANT SELECT ON person_behind, person_behind_name TO sallyport_console;

-- Who may act for whom without a second factor being shown, as somebody decided: of each agent and reporter seen by
-- then, so that another one is a finding again.
CREATE TABLE person_behind_decision (
  person uuid NOT NULL,
  identity uuid NOT NULL,
  reporter uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('expected')),
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
  decided_by uuid NOT NULL,
  decided_at timestamptz(6) NOT NULL,
  until timestamptz(6),
  CONSTRAINT person_behind_decision_pkey PRIMARY KEY (person, identity, reporter),
  CONSTRAINT person_behind_decision_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES person (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
GRANT SELECT, INSERT, UPDATE, DELETE ON person_behind_decision TO sallyport_console;
-- What was decided on somebody goes with the last that is known of them.
GRANT SELECT (person), DELETE ON person_behind_decision TO sallyport_worker;

CREATE FUNCTION find_person_behind_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  SELECT d.until INTO NEW.open_from FROM person_behind_decision d
    WHERE (d.person, d.identity, d.reporter) = (NEW.person, NEW.identity, NEW.reporter);
  IF NOT FOUND THEN
    NEW.open_from := 'epoch';
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION find_person_behind_open() FROM PUBLIC;
CREATE TRIGGER person_behind_open BEFORE INSERT ON person_behind
  FOR EACH ROW EXECUTE FUNCTION find_person_behind_open();

CREATE FUNCTION set_person_behind_open() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    UPDATE person_behind SET open_from = 'epoch'
      WHERE (person, identity, reporter) = (OLD.person, OLD.identity, OLD.reporter);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE person_behind SET open_from = NEW.until
      WHERE (person, identity, reporter) = (NEW.person, NEW.identity, NEW.reporter);
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION set_person_behind_open() FROM PUBLIC;
CREATE TRIGGER person_behind_decision_opens AFTER INSERT OR UPDATE OR DELETE ON person_behind_decision
  FOR EACH ROW EXECUTE FUNCTION set_person_behind_open();
INSERT INTO control_kind (name) VALUES ('person_behind_expected'), ('person_behind_reopened');

-- One column and no time, as for models and resources: equal values share one posting list, which is cheap to extend.
CREATE INDEX interaction_behalf_idx ON interaction (on_behalf_of) WHERE on_behalf_of IS NOT NULL;
CREATE INDEX measurement_behalf_idx ON measurement (on_behalf_of) WHERE on_behalf_of IS NOT NULL;

-- INVARIANT: a batch that is being read holds this lock shared, so that it cannot write what is erased meanwhile.
CREATE FUNCTION forget_person_behind() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  gone uuid := term_id(OLD.on_behalf_of);
BEGIN
  PERFORM pg_advisory_xact_lock(7305008);
  IF EXISTS (SELECT FROM interaction i WHERE i.on_behalf_of = OLD.on_behalf_of)
    OR EXISTS (SELECT FROM measurement m WHERE m.on_behalf_of = OLD.on_behalf_of) THEN
    RETURN NULL;
  END IF;
  DELETE FROM person_behind WHERE person = gone AND evidence = 'declared';
  DELETE FROM person_behind_name WHERE id = gone;
  DELETE FROM person_behind_decision d WHERE d.person = gone
    AND NOT EXISTS (SELECT FROM person_behind b WHERE b.person = gone);
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION forget_person_behind() FROM PUBLIC;
CREATE TRIGGER interaction_forgets_person AFTER DELETE ON interaction FOR EACH ROW
  WHEN (OLD.on_behalf_of IS NOT NULL) EXECUTE FUNCTION forget_person_behind();
CREATE TRIGGER measurement_forgets_person AFTER DELETE ON measurement FOR EACH ROW
  WHEN (OLD.on_behalf_of IS NOT NULL) EXECUTE FUNCTION forget_person_behind();
-- A clone of a trigger does not inherit ALWAYS from its parent.
DO $$
DECLARE
  part record;
BEGIN
  FOR part IN
    SELECT t.tgrelid::regclass AS name, t.tgname AS trigger FROM pg_trigger t
    WHERE t.tgname IN ('interaction_forgets_person', 'measurement_forgets_person')
  LOOP
    EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER %I', part.name, part.trigger);
  END LOOP;
END $$;

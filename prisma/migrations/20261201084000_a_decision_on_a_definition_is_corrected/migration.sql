-- INVARIANT: what is decided stays, and only a person decides. A decision is corrected by another one, with its reason;
-- nothing is undecided again.
CREATE OR REPLACE FUNCTION refuse_other_decision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF pg_has_role(session_user, current_user, 'MEMBER') THEN RETURN coalesce(NEW, OLD); END IF;
  IF TG_OP = 'DELETE' THEN
    IF OLD.state <> 'unapproved' THEN
      RAISE EXCEPTION 'a decided definition stays' USING ERRCODE = 'insufficient_privilege';
    END IF;
  ELSIF OLD.state <> NEW.state AND (NEW.state = 'unapproved' OR NEW.reason IS NULL
      OR NOT pg_has_role(session_user, 'sallyport_console', 'MEMBER')) THEN
    RAISE EXCEPTION 'this definition is decided' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;

-- How many new definitions a reporter brought in an hour of arrival of one that somebody registered or decided on.
CREATE TABLE resource_definition_change (
  shard integer NOT NULL,
  reporter uuid NOT NULL,
  resource_id uuid NOT NULL,
  hour timestamptz(0) NOT NULL,
  names integer NOT NULL,
  CONSTRAINT resource_definition_change_pkey PRIMARY KEY (shard, reporter, resource_id, hour)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON resource_definition_change TO sallyport_worker;

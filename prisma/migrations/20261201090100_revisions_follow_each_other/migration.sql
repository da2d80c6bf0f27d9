-- INVARIANT: revisions count up by one, and a version is written of the present one only: otherwise whoever takes over a
-- process could leave no revision to suspend an identity by.
CREATE FUNCTION refuse_skipped_revision() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF pg_has_role(session_user, current_user, 'MEMBER') THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'revisions of an identity follow each other' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER identity_revision_begins BEFORE INSERT ON identity
  FOR EACH ROW WHEN (NEW.revision <> 1) EXECUTE FUNCTION refuse_skipped_revision();
CREATE TRIGGER identity_revision_follows BEFORE UPDATE OF revision ON identity
  FOR EACH ROW WHEN (NEW.revision::bigint - OLD.revision NOT IN (0, 1)) EXECUTE FUNCTION refuse_skipped_revision();

-- Once for a statement: thousands are written at once.
CREATE FUNCTION refuse_other_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF pg_has_role(session_user, current_user, 'MEMBER') THEN RETURN NULL; END IF;
  IF (SELECT count(*) FROM written w WHERE NOT EXISTS (
    SELECT FROM identity i WHERE i.id = w.identity_id AND i.revision = w.revision)) > 0 THEN
    RAISE EXCEPTION 'a version is of the present revision' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER identity_version_is_present AFTER INSERT ON identity_version
  REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_version();
REVOKE ALL ON FUNCTION refuse_skipped_revision(), refuse_other_version() FROM PUBLIC;

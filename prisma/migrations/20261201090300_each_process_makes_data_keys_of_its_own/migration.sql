-- INVARIANT: a process makes data keys of its own purpose only, wrapped by the key that wraps the others: one that is said
-- to be wrapped by another stops every process from sealing anything.
CREATE FUNCTION refuse_foreign_data_key() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  own text := CASE WHEN pg_has_role(session_user, 'sallyport_gateway', 'MEMBER') THEN 'body' ELSE 'definition' END;
BEGIN
  IF pg_has_role(session_user, current_user, 'MEMBER') OR pg_has_role(session_user, 'sallyport_console', 'MEMBER') THEN
    RETURN NEW;
  END IF;
  IF NEW.purpose <> own THEN
    RAISE EXCEPTION 'this login makes no data key for this' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- The first key of all is a gateway's.
  IF NOT EXISTS (SELECT FROM data_key k WHERE k.kek_id = NEW.kek_id)
    AND (own <> 'body' OR EXISTS (SELECT FROM data_key)) THEN
    RAISE EXCEPTION 'data keys are wrapped by another key' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER data_key_is_of_its_process BEFORE INSERT ON data_key
  FOR EACH ROW EXECUTE FUNCTION refuse_foreign_data_key();
REVOKE ALL ON FUNCTION refuse_foreign_data_key() FROM PUBLIC;

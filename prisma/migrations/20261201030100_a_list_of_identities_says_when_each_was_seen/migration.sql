-- Machines that read the registry are told when an identity was last seen, as people are. Names of nobody stand there.
GRANT SELECT ON coverage, coverage_hour, session, identity_fingerprint TO sallyport_gateway;

-- All that a search looks through, in lower case: comparing that is several times cheaper than folding each text anew.
ALTER TABLE identity ADD COLUMN searched text NOT NULL DEFAULT '';
CREATE FUNCTION note_searched() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.searched := lower(concat_ws(' ', NEW.name, array_to_string(NEW.names, ' '), array_to_string(NEW.tags, ' '), NEW.purpose));
  RETURN NEW;
END $$;
CREATE TRIGGER identity_is_searched BEFORE INSERT OR UPDATE OF name, names, tags, purpose ON identity
  FOR EACH ROW EXECUTE FUNCTION note_searched();
UPDATE identity SET purpose = purpose;
REVOKE ALL ON FUNCTION note_searched() FROM PUBLIC;

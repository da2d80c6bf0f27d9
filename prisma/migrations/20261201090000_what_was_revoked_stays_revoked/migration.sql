-- INVARIANT: what was revoked is not believed again, and why it was revoked stays; whoever takes over a process included.
CREATE FUNCTION refuse_unrevoking() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF pg_has_role(session_user, current_user, 'MEMBER') THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'what was revoked stays revoked' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER credential_stays_revoked BEFORE UPDATE OF revoked_at, revoked_reason ON credential
  FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL
    AND (NEW.revoked_at, NEW.revoked_reason) IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_reason))
  EXECUTE FUNCTION refuse_unrevoking();
CREATE TRIGGER trust_anchor_stays_revoked BEFORE UPDATE OF revoked_at ON trust_anchor
  FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
  EXECUTE FUNCTION refuse_unrevoking();
CREATE TRIGGER token_issuer_stays_revoked BEFORE UPDATE OF revoked_at ON token_issuer
  FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
  EXECUTE FUNCTION refuse_unrevoking();
REVOKE ALL ON FUNCTION refuse_unrevoking() FROM PUBLIC;

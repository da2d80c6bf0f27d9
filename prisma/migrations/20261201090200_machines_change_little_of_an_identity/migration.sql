-- A machine proposes, describes and stops: its process reaches no other column.
REVOKE UPDATE (kind, name, names, owner_id, sponsor_id, team_id, zone_id, acts_for_all, acts_for_people, acts_for_teams,
  expects) ON identity FROM sallyport_gateway;
REVOKE DELETE ON identity_reports_for FROM sallyport_gateway;

-- INVARIANT: a machine proposes and stops; it makes no identity active, whatever its process was made to do. Trust is
-- earned by what is active, a level at a time, and lost as far as need be.
CREATE OR REPLACE FUNCTION refuse_activation() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF pg_has_role(session_user, current_user, 'MEMBER') OR pg_has_role(session_user, 'sallyport_console', 'MEMBER') THEN
    RETURN NEW;
  END IF;
  IF NEW.state = 'active' AND (TG_OP = 'INSERT' OR OLD.state <> 'active') THEN
    RAISE EXCEPTION 'this login makes no identity active' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'proposed' OR NEW.trust <> 'observed' THEN
      RAISE EXCEPTION 'this login proposes identities only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.state <> OLD.state AND NOT (OLD.state = 'active' AND NEW.state = 'suspended') THEN
    RAISE EXCEPTION 'this login suspends what is active, and nothing else' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NEW.trust <> OLD.trust AND (OLD.state <> 'active' OR (OLD.trust = 'observed' AND NEW.trust = 'trusted')) THEN
    RAISE EXCEPTION 'trust is earned by what is active, a level at a time' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER identity_is_activated_by_people BEFORE INSERT OR UPDATE OF state, trust ON identity
  FOR EACH ROW EXECUTE FUNCTION refuse_activation();

-- INVARIANT: for whom a proposal would report is said when it is proposed, before its first version: what somebody is
-- shown and accepts is what it was.
CREATE FUNCTION refuse_late_reporting() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF pg_has_role(session_user, current_user, 'MEMBER') OR pg_has_role(session_user, 'sallyport_console', 'MEMBER') THEN
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT FROM identity i WHERE i.id = NEW.reporter_id AND i.state = 'proposed')
    OR EXISTS (SELECT FROM identity_version v WHERE v.identity_id = NEW.reporter_id) THEN
    RAISE EXCEPTION 'this login lets nobody report' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER identity_reports_for_is_given_by_people BEFORE INSERT OR UPDATE ON identity_reports_for
  FOR EACH ROW EXECUTE FUNCTION refuse_late_reporting();
REVOKE ALL ON FUNCTION refuse_late_reporting() FROM PUBLIC;

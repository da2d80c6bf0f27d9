-- A decommissioned identity comes back never, so that another may have its name.
DROP INDEX identity_name_key;
CREATE UNIQUE INDEX identity_name_key ON identity (name) WHERE state <> 'decommissioned';

-- INVARIANT: of the identities in use, a name means one.
CREATE OR REPLACE FUNCTION refuse_taken_names() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  claimed text[] := NEW.name || coalesce(NEW.names, '{}');
BEGIN
  IF NEW.state = 'decommissioned' THEN RETURN NULL; END IF;
  PERFORM pg_advisory_xact_lock(7305004);
  IF EXISTS (SELECT FROM identity i WHERE i.id <> NEW.id AND i.state <> 'decommissioned'
    AND (i.name = ANY (claimed) OR i.names && claimed)) THEN
    RAISE EXCEPTION 'another identity has this name' USING ERRCODE = 'unique_violation';
  END IF;
  RETURN NULL;
END $$;

-- INVARIANT: what was decommissioned stays so, and its names stay as they were.
CREATE FUNCTION refuse_return() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'a decommissioned identity is changed no more' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER identity_stays_decommissioned BEFORE UPDATE OF state, name, names ON identity
  FOR EACH ROW WHEN (OLD.state = 'decommissioned'
    AND (NEW.state <> 'decommissioned' OR NEW.name <> OLD.name OR NEW.names IS DISTINCT FROM OLD.names))
  EXECUTE FUNCTION refuse_return();
REVOKE ALL ON FUNCTION refuse_return() FROM PUBLIC;

-- The first version of what was registered before there were versions.
INSERT INTO identity_version (identity_id, revision, attributes, at, by)
SELECT i.id, i.revision, jsonb_build_object(
  'kind', i.kind, 'name', i.name, 'names', to_jsonb(coalesce(i.names, '{}')), 'state', i.state, 'owner', i.owner_id,
  'sponsor', i.sponsor_id, 'team', i.team_id, 'zone', i.zone_id, 'purpose', i.purpose, 'trust', i.trust,
  'tags', to_jsonb(coalesce(i.tags, '{}')),
  'actsFor', CASE WHEN i.acts_for_all THEN to_jsonb('all'::text) ELSE jsonb_build_object(
    'people', to_jsonb(coalesce(i.acts_for_people, '{}')), 'teams', to_jsonb(coalesce(i.acts_for_teams, '{}'))) END,
  'expects', to_jsonb(coalesce(i.expects, '{}')),
  'reportsFor', CASE WHEN i.reports_for_all THEN to_jsonb('all'::text) ELSE to_jsonb(array(
    SELECT r.identity_id FROM identity_reports_for r WHERE r.reporter_id = i.id ORDER BY r.identity_id)) END),
  now(), 'operator:migration'
FROM identity i ON CONFLICT DO NOTHING;

-- A team is the only kind of group: of people and of identities.
CREATE TABLE team (
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  created_at timestamptz(6) NOT NULL,
  CONSTRAINT team_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX team_name_key ON team (name);

CREATE TABLE person_team (
  person_id uuid NOT NULL,
  team_id uuid NOT NULL,
  CONSTRAINT person_team_pkey PRIMARY KEY (person_id, team_id),
  CONSTRAINT person_team_person_id_fkey FOREIGN KEY (person_id) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT person_team_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX person_team_team_id_idx ON person_team (team_id);

ALTER TABLE identity
  ADD COLUMN team_id uuid,
  -- Who answers for it; null or a person who has left is a finding.
  ADD COLUMN owner_id uuid,
  ADD CONSTRAINT identity_team_id_fkey FOREIGN KEY (team_id) REFERENCES team(id) ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT identity_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE;
CREATE INDEX identity_team_id_idx ON identity (team_id);
CREATE INDEX identity_owner_id_idx ON identity (owner_id);

-- Whose activity a person sees, and whose content they may read or take out: rights apart from roles.
ALTER TABLE person
  ADD COLUMN reach text NOT NULL DEFAULT 'all' CHECK (reach IN ('teams', 'all')),
  ADD COLUMN content_read text NOT NULL DEFAULT 'none' CHECK (content_read IN ('none', 'teams', 'all')),
  ADD COLUMN content_export text NOT NULL DEFAULT 'none' CHECK (content_export IN ('none', 'teams', 'all'));
-- Until now administrators read all.
UPDATE person SET content_read = 'all', content_export = 'all' WHERE 'admin' = ANY(roles);

GRANT SELECT ON team TO sallyport_gateway, sallyport_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON team TO sallyport_console;
GRANT SELECT, INSERT, DELETE ON person_team TO sallyport_console;
GRANT SELECT ON person_team TO sallyport_worker;
-- Whom to tell; never what a person proves itself with.
GRANT SELECT (id, email, name, roles, is_break_glass, disabled_at) ON person TO sallyport_worker;

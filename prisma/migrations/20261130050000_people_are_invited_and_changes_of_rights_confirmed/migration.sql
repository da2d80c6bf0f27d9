-- A one-time door for one e-mail address. What it gives stands in its row, and never in what is sent back with the code.
CREATE TABLE invitation (
  id uuid NOT NULL,
  hash bytea NOT NULL,
  email text NOT NULL CHECK (email = lower(email)),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  roles text[] CHECK (roles <@ ARRAY['viewer', 'analyst', 'policy_author', 'approver', 'admin']),
  reach text NOT NULL CHECK (reach IN ('teams', 'all')),
  content_read text NOT NULL CHECK (content_read IN ('none', 'teams', 'all')),
  content_export text NOT NULL CHECK (content_export IN ('none', 'teams', 'all')),
  team_ids uuid[],
  -- By a second person, or made by an account that four eyes do not bind: it opens more than viewing while they are on.
  is_confirmed boolean NOT NULL DEFAULT false,
  invited_by uuid NOT NULL,
  created_at timestamptz(6) NOT NULL,
  expires_at timestamptz(6) NOT NULL,
  used_at timestamptz(6),
  revoked_at timestamptz(6),
  CONSTRAINT invitation_pkey PRIMARY KEY (id),
  CONSTRAINT invitation_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX invitation_hash_key ON invitation (hash);
CREATE INDEX invitation_email_idx ON invitation (email);

-- While it is on, rights that somebody gives wait for a second person.
ALTER TABLE setting ADD COLUMN four_eyes boolean NOT NULL DEFAULT false;

CREATE TABLE proposal (
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('rights', 'restore', 'break_glass', 'factor_reset', 'sso_link', 'invite', 'four_eyes_off')),
  -- Whose rights they are; null where there is no such person yet, and of what concerns all.
  subject_id uuid,
  before jsonb NOT NULL,
  change jsonb NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
  asked_by uuid NOT NULL,
  asked_at timestamptz(6) NOT NULL,
  expires_at timestamptz(6) NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'confirmed', 'refused', 'withdrawn', 'outdated')),
  decided_by uuid,
  decided_at timestamptz(6),
  CONSTRAINT proposal_pkey PRIMARY KEY (id),
  CONSTRAINT proposal_subject_id_fkey FOREIGN KEY (subject_id) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT proposal_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE,
  CONSTRAINT proposal_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES person(id) ON DELETE RESTRICT ON UPDATE CASCADE,
  -- Whoever asked may take it back, and confirms nothing.
  CONSTRAINT proposal_four_eyes CHECK (state <> 'confirmed' OR (decided_by IS NOT NULL AND decided_by <> asked_by AND decided_by IS DISTINCT FROM subject_id)),
  CONSTRAINT proposal_decided CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE INDEX proposal_open_idx ON proposal (asked_at) WHERE state = 'open';

GRANT SELECT, INSERT ON invitation, proposal TO sallyport_console;
GRANT UPDATE (used_at, revoked_at) ON invitation TO sallyport_console;
GRANT UPDATE (state, decided_by, decided_at) ON proposal TO sallyport_console;

INSERT INTO control_kind (name) VALUES ('person_invited'), ('invitation_refused'), ('invitation_revoked'), ('rights_changed'),
  ('rights_change_asked'), ('rights_change_confirmed'), ('rights_change_refused'), ('rights_change_withdrawn'),
  ('person_removed'), ('person_restored'), ('factors_reset'), ('break_glass_marked'), ('break_glass_unmarked'),
  ('four_eyes_switched'), ('team_created'), ('team_renamed'), ('team_deleted'), ('identity_assigned');

-- A single sign-on waits for a second factor, gives the roles that its groups have, tells name and address, and is
-- linked to a person by an administrator.
INSERT INTO control_kind (name) VALUES ('sso_proved'), ('roles_mapped'), ('profile_mapped'), ('sso_linked');

-- Each name of a file is looked for among all further names.
CREATE INDEX identity_names_idx ON identity USING gin (names);
INSERT INTO control_kind (name, by_gateway) VALUES ('identities_imported', true);

-- What an identity has to show to be trusted further: lib/identities/trust/schema.ts, whose defaults stand for what is
-- left out.
ALTER TABLE setting ADD COLUMN trust_rules jsonb NOT NULL DEFAULT '{}';
INSERT INTO control_kind (name) VALUES ('trust_rules_changed');

-- Roles are of the cluster and shared by databases; logins that carry them are made per database by migrate.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['sallyport_gateway', 'sallyport_worker', 'sallyport_console'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END LOOP;
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO sallyport_gateway, sallyport_worker, sallyport_console;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;

GRANT SELECT ON setting, identity, identity_reports_for, credential, data_key, shard, log_entry, interaction,
  control_event, seen, quarantine, projection_cursor, rollup_minute, process_status
  TO sallyport_gateway, sallyport_worker, sallyport_console;
GRANT SELECT ON body TO sallyport_worker, sallyport_console;
GRANT SELECT ON _prisma_migrations TO sallyport_gateway, sallyport_worker, sallyport_console;
GRANT INSERT, UPDATE, DELETE ON process_status TO sallyport_gateway, sallyport_worker, sallyport_console;
GRANT EXECUTE ON FUNCTION ensure_partitions(date, date) TO sallyport_gateway, sallyport_worker;
GRANT EXECUTE ON FUNCTION append_control(text, text) TO sallyport_gateway, sallyport_worker, sallyport_console;

GRANT INSERT ON log_entry, interaction, body, seen, quarantine, data_key, shard TO sallyport_gateway;
GRANT UPDATE (replayed_at, replay_state) ON quarantine TO sallyport_gateway;
GRANT UPDATE (last_used_at) ON credential TO sallyport_gateway;

GRANT INSERT, UPDATE, DELETE ON projection_cursor, rollup_minute TO sallyport_worker;
GRANT DELETE ON seen, process_status, throttle TO sallyport_worker;
GRANT SELECT ON throttle TO sallyport_worker;
GRANT EXECUTE ON FUNCTION expire_days(date, date) TO sallyport_worker;

GRANT SELECT, INSERT, UPDATE ON person, sign_in, throttle, setup_code, setting, identity, credential TO sallyport_console;
GRANT DELETE ON throttle TO sallyport_console;
GRANT SELECT, INSERT, DELETE ON identity_reports_for TO sallyport_console;
GRANT EXECUTE ON FUNCTION erase_entry(timestamptz, integer, bigint, text, text, text) TO sallyport_console;

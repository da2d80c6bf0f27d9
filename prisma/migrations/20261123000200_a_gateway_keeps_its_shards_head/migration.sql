-- A gateway moves its shard's head in the transaction that appends, so that readers find out what is new,
-- and a successor where to go on, from one row: log_entry is ordered by arrival and would have to be
-- searched through every other shard's entries.
GRANT UPDATE (next_position, last_received_at) ON shard TO sallyport_gateway;

-- INVARIANT: a head that went back would hide entries from every projection.
CREATE FUNCTION refuse_moving_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.next_position < OLD.next_position OR NEW.last_received_at < OLD.last_received_at THEN
    RAISE EXCEPTION 'the head of shard % never goes back', OLD.id USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION refuse_moving_back() FROM PUBLIC;
CREATE TRIGGER shard_head_never_goes_back BEFORE UPDATE ON shard FOR EACH ROW EXECUTE FUNCTION refuse_moving_back();
ALTER TABLE shard ENABLE ALWAYS TRIGGER shard_head_never_goes_back;

-- What a SPIFFE bundle says of itself: which one it is in a row, so that no older one is taken for newer, and after how
-- many seconds to look again.
ALTER TABLE trust_anchor
  ADD COLUMN sequence bigint CHECK (sequence >= 0),
  ADD COLUMN refresh_hint_seconds integer CHECK (refresh_hint_seconds > 0);
-- Which credentials were used from a new network lately.
CREATE INDEX credential_use_first_at_idx ON credential_use (first_at);

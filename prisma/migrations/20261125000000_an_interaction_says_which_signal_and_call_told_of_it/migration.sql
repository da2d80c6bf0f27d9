-- Nullable, as every new fact: what is null is not in the leaf, so entries of before still recompute.
ALTER TABLE interaction
  ADD COLUMN signal text,
  ADD COLUMN prompt_id text,
  ADD COLUMN request_id text,
  ADD COLUMN response_id text,
  ADD COLUMN tool_call_id text;

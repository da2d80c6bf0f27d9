-- A row pays for one of these at most: models are in the first, other resources in the second. One column
-- and no time: equal values share one posting list, which is cheap to extend. What is frequent is found by
-- walking back from the newest.
CREATE INDEX interaction_model_idx ON interaction (model) WHERE model IS NOT NULL;
CREATE INDEX interaction_resource_idx ON interaction (resource) WHERE resource_kind <> 'model';
-- The kinds that make up most telemetry are left out, so most rows do not pay for it.
CREATE INDEX interaction_rare_kinds_idx ON interaction (kind, received_at, shard, position)
  WHERE kind NOT IN ('inference', 'tool_call', 'step', 'event');

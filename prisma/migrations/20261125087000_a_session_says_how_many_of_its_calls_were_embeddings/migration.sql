-- Inferences and embeddings are what may have a cost: with both, a sum of what is known says of how much it is.
-- What was gathered before is counted by the next rebuild.
ALTER TABLE "session" ADD COLUMN "embeddings" BIGINT NOT NULL DEFAULT 0;

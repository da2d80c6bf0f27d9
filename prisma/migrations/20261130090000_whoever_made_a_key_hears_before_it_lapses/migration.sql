-- The worker tells of API keys that lapse soon; never what they prove themselves with.
GRANT SELECT (id, name, made_by, replaces_id, expires_at, revoked_at) ON api_key TO sallyport_worker;

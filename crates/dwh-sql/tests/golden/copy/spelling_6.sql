COPY staging_events (artist, "sessionId", ts) FROM '/data/log_data' FORMAT AS JSON AS 'noshred'

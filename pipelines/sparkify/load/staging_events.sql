-- Activity logs: one JSON object a line, one file a day under yyyy/mm/. The JSONPaths file maps the camelCase
-- keys to the columns by position.
COPY staging_events (
    artist, auth, first_name, gender, item_in_session, last_name, length, level, location, method, page,
    registration, session_id, song, status, ts, user_agent, user_id
)
FROM '${LOG_DATA}'
IAM_ROLE '${ARN}'
REGION '${REGION}'
JSON '${LOG_JSONPATH}';

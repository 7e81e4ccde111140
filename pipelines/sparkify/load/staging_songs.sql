-- Song catalog: one JSON object a file, in folders by the third to fifth letter of the track id. The keys are
-- the names of the columns.
COPY staging_songs
FROM '${SONG_DATA}'
IAM_ROLE '${ARN}'
REGION '${REGION}'
JSON 'auto';

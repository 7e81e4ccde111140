COPY staging_songs FROM 's3://udacity-dend/song_data/A/A/A'
ACCESS_KEY_ID 'AKIAEXAMPLE'
SECRET_ACCESS_KEY 'abc/def+ghi'
json 'auto ignorecase'
ACCEPTINVCHARS AS '^' MAXERROR AS 10 compupdate true

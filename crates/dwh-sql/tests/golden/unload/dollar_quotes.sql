unload ($$select song_id, 'a\b' as c from songs$$) to 's3://b/songs/' iam_role default format as parquet maxfilesize 200 mb rowgroupsize 64

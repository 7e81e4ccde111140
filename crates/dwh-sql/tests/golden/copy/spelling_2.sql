copy staging_songs
from 's3://udacity-dend/song_data'
credentials 'aws_iam_role=arn:aws:iam::123456789012:role/dwhRole'
region 'us-west-2'
json 'auto';

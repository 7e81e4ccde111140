copy staging_events from 's3://udacity-dend/log_data/2018/11/'
with credentials as 'aws_access_key_id=AKIAEXAMPLE;aws_secret_access_key=abc/def;token=tok'
format json as 'auto' gzip maxerror 5 statupdate false compupdate preset comprows 5000 acceptanydate roundec trimblanks ignoreheader 1 dateformat 'auto' explicit_ids noload;

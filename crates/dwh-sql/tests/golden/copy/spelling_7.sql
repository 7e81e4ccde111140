COPY dev.public.staging_songs FROM 's3://b/manifest.json' IAM_ROLE default MANIFEST JSON ACCEPTINVCHARS

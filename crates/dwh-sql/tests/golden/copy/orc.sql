-- RS 1.1: FORMAT may be left out.
copy t from 's3://b/k' iam_role default orc explicit_ids;

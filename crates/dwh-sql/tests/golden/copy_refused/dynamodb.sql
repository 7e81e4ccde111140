COPY t FROM 'dynamodb://Movies' IAM_ROLE default READRATIO 50;

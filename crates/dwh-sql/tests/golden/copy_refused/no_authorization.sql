COPY t FROM 's3://b/k' JSON 'auto';

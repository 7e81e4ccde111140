COPY t FROM IAM_ROLE default;

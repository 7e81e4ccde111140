COPY t FROM 'file:///data/x' CSV

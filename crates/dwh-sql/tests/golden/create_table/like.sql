CREATE TABLE IF NOT EXISTS copy_of (LIKE s.original INCLUDING DEFAULTS);
create table c2 (like original excluding defaults);

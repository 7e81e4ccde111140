CREATE TABLE dev.public.t (a int);

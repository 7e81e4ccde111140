CREATE TABLE t (a INT,b INT,c INT,d INT,e INT,f INT,g INT,h INT,i INT) INTERLEAVED SORTKEY (a,b,c,d,e,f,g,h,i);

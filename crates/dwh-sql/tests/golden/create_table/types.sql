CREATE TABLE all_types (
  c1 smallint, c2 int2, c3 integer, c4 int, c5 int4, c6 bigint, c7 int8,
  c8 decimal, c9 numeric(10,2), c10 real, c11 float4, c12 double precision, c13 float8, c14 float,
  c15 boolean, c16 bool, c17 char, c18 character(5), c19 nchar(3), c20 bpchar, c21 varchar, c22 character varying(9),
  c23 nvarchar(7), c24 text, c25 varchar(max), c26 date, c27 timestamp, c28 timestamp without time zone,
  c29 timestamptz, c30 timestamp with time zone, c31 super, c32 varbyte(10), c33 time
);

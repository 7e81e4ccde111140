-- Attributes inside the list and behind it, in any order (RS 10.2).
CREATE TABLE a (x int, y int, PRIMARY KEY(x), SORTKEY(y), DISTKEY(x));
CREATE TABLE b (x int, y int)
  SORTKEY(x, y)
  DISTSTYLE KEY
  DISTKEY(x)
  BACKUP NO;
CREATE TABLE c (x int sortkey not null distkey, y timestamp default getdate() not null encode az64);
CREATE TABLE d (x int, y int) COMPOUND SORTKEY (x, y) ENCODE AUTO;
CREATE TABLE e (x int, y int) INTERLEAVED SORTKEY (x, y) DISTSTYLE EVEN;
CREATE TABLE f (x int) SORTKEY AUTO DISTSTYLE AUTO;

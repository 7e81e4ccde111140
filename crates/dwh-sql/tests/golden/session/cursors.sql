declare lollapalooza cursor for select eventname from sales;
fetch forward 5 from lollapalooza;
fetch next from lollapalooza;
fetch all from lollapalooza;
fetch forward all in lollapalooza;
close lollapalooza;
CANCEL 802;
CANCEL 802 'Long-running query';
ANALYZE COMPRESSION listing (listid, sellerid) COMPROWS 100000;

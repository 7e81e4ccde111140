PREPARE prep_select_plan AS select * from prep1 where c1 = $1;
PREPARE prep_insert_plan (int, char) AS insert into prep1 values ($1, $2);
EXECUTE prep_insert_plan (1, 'one');
DEALLOCATE prep_insert_plan;
DEALLOCATE PREPARE ALL;

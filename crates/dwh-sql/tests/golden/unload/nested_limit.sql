UNLOAD ('select * from (select user_id from users limit 10) order by 1') TO '/x'

UNLOAD ('select user_id, level from users') TO '/x' FIXEDWIDTH 'id:5,level:10' NULL ''

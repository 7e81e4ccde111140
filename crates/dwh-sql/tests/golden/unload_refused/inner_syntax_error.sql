UNLOAD ('select * from users where level = ''free'' and and') TO '/x'

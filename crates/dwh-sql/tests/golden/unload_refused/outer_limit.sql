UNLOAD ('select * from users where level = ''free'' limit 10') TO '/x'

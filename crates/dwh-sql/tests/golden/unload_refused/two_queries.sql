UNLOAD ('select 1; select 2') TO '/x'

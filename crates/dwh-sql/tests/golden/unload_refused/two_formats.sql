UNLOAD ('select 1') TO '/x' CSV FORMAT JSON

UNLOAD ('select 1 as a') TO '/x' PARTITION BY ('a')

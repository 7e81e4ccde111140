UNLOAD ('select 1 as a, 2 as b') TO '/x' PARTITION BY (a, a)

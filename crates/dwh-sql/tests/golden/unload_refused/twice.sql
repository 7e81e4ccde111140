UNLOAD ('select 1') TO '/x' HEADER HEADER

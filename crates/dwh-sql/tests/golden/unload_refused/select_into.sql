UNLOAD ('select 1 as a into t') TO '/x'

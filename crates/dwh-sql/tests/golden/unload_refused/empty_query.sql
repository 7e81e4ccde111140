UNLOAD ('') TO '/x'

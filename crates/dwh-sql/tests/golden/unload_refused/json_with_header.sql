UNLOAD ('select 1') TO '/x' JSON HEADER

UNLOAD ('select 1') TO '/x' JSON NULL AS 'x'

UNLOAD ('select 1') TO '/x' CSV FIXEDWIDTH 'a:1'

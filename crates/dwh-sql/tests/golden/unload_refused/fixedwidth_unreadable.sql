UNLOAD ('select 1') TO '/x' FIXEDWIDTH 'a,b:3'

UNLOAD ('select 1') TO '/x' HEADER FIXEDWIDTH 'a:1'

UNLOAD ('select 1') TO '/x' JSON FIXEDWIDTH 'a:1'

UNLOAD ('select 1') TO '/x' EXTENSION 'a/b'

UNLOAD ('select 1') TO '/x' MAXFILESIZE 4.9

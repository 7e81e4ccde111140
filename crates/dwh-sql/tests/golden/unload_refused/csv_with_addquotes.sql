UNLOAD ('select 1') TO '/x' CSV ADDQUOTES

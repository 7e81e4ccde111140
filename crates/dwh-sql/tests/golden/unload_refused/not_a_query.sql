UNLOAD ('delete from t') TO '/x'

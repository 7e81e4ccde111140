UNLOAD ('select ''a from t') TO '/x'

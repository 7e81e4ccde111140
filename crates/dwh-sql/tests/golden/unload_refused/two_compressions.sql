UNLOAD ('select 1') TO '/x' GZIP ZSTD

UNLOAD ('select top 10 * from users') TO '/x'

UNLOAD ('select 1') TO '/x' FIXEDWIDTH 'a:1' DELIMITER ','

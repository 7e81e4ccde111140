UNLOAD ($$select 'a' frm t where$$) TO '/x'

/* first; not here */ SELECT 1 -- trailing; comment
;;
-- nothing
;
SELECT 'a;b' ; /* nested /* comment */ ; */
SELECT 2

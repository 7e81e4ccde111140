UPDATE t SET t.a = 1;

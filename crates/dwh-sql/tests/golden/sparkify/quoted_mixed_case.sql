CREATE TABLE "Staging_Events" ("firstName" VARCHAR(20), "sessionId" INT);
SELECT firstname, "SESSIONID" FROM staging_events WHERE "First Name" IS NULL;

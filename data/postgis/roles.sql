-- Roles for the civgrid store of this database. Run this as a superuser, or as
-- a role that owns the database and may create roles, before or after the store
-- is made:
--
--   civgrid migrate --print-roles | psql -v ON_ERROR_STOP=1 DATABASE
--
-- It may be run again at any time; what is right already stays as it is.

BEGIN;
SET LOCAL client_min_messages = warning;

-- Read by Citus alone, which else refuses some of this in one transaction, and
-- would have shards treated as tables.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.show_shards_for_app_name_prefixes = '';

-- Three groups. Nobody logs in as a group: see the end.
{do} BEGIN CREATE ROLE {owner} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END {od};
{do} BEGIN CREATE ROLE {writer} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END {od};
{do} BEGIN CREATE ROLE {reader} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END {od};

-- Only who belongs to the owner can give things to it. A superuser can anyway.
{do} BEGIN
  IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    GRANT {owner} TO CURRENT_USER;
  END IF;
END {od};

-- What only a superuser may make, so that the owner need not be one.
CREATE EXTENSION IF NOT EXISTS postgis;

-- The owner has the schema and all that is in it, whoever made it. Sequences
-- of columns go with their tables.
CREATE SCHEMA IF NOT EXISTS civgrid AUTHORIZATION {owner};
SELECT set_config('civgrid.made_by', (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'civgrid'), true);
ALTER SCHEMA civgrid OWNER TO {owner};
{do}
DECLARE
  change text;
BEGIN
  -- Who made the store goes on as a member of the owner, until that is revoked.
  SELECT format('GRANT %I TO %I', pg_get_userbyid(n.nspowner), r.rolname) INTO change
    FROM pg_namespace n JOIN pg_roles r ON r.rolname = current_setting('civgrid.made_by')
    WHERE n.nspname = 'civgrid' AND NOT r.rolsuper AND NOT pg_has_role(r.oid, n.nspowner, 'MEMBER');
  IF change IS NOT NULL THEN
    EXECUTE change;
  END IF;
  FOR change IN
    SELECT format('ALTER %s %s OWNER TO %I',
      CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END,
      c.oid::regclass, pg_get_userbyid(n.nspowner))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'civgrid' AND c.relowner <> n.nspowner AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND NOT EXISTS (SELECT FROM pg_depend d
        WHERE c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i'))
    UNION ALL
    SELECT format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, pg_get_userbyid(n.nspowner))
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'civgrid' AND p.proowner <> n.nspowner
    UNION ALL
    SELECT format('ALTER TYPE %s OWNER TO %I', t.oid::regtype, pg_get_userbyid(n.nspowner))
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE n.nspname = 'civgrid' AND t.typowner <> n.nspowner AND t.typtype IN ('d', 'e', 'r')
  LOOP
    EXECUTE change;
  END LOOP;
END {od};

-- Writers import: they add, change and take out rows, and number them. They
-- make, alter, empty and drop no table. Readers look.
REVOKE CREATE ON SCHEMA civgrid FROM PUBLIC, {writer}, {reader};
REVOKE ALL ON ALL TABLES IN SCHEMA civgrid FROM {writer}, {reader};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA civgrid FROM {writer}, {reader};
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA civgrid FROM {reader};
GRANT USAGE ON SCHEMA civgrid TO {writer}, {reader};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA civgrid TO {writer};
GRANT SELECT ON ALL TABLES IN SCHEMA civgrid TO {reader};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA civgrid TO {writer};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA civgrid TO {writer};

-- The same for what the owner makes later.
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA civgrid GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {writer};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA civgrid GRANT SELECT ON TABLES TO {reader};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA civgrid GRANT USAGE ON SEQUENCES TO {writer};
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA civgrid GRANT EXECUTE ON FUNCTIONS TO {writer};

-- On Citus a writer also ends what an importer that died has left on workers.
{do} BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    GRANT EXECUTE ON FUNCTION pg_catalog.recover_prepared_transactions() TO {writer};
  END IF;
END {od};

COMMIT;

-- People and programs log in as roles of their own, which belong to a group:
--
--   CREATE ROLE app_user LOGIN PASSWORD '...';
--   GRANT {# reader} TO app_user;    what civgrid serve and civgrid analyze need
--   GRANT {# writer} TO app_user;    what civgrid import and civgrid sync need
--   GRANT {# owner} TO app_user;     what civgrid migrate needs
--
-- A job that hands facts in for civgrid sync needs no group:
--
--   GRANT USAGE ON SCHEMA civgrid TO job;
--   GRANT EXECUTE ON FUNCTION civgrid.submit TO job;
--
-- On a Citus coordinator, where Citus logs in to the workers as whoever asks,
-- civgrid migrate cannot act as a group: run this again after each migration.

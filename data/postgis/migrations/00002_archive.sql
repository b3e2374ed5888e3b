-- +goose Up

-- The later columns of facts are added by the program, from data.SchemaOf,
-- before this: a store of this version has them.

-- Documents kept for good, in the order of position, which is that of their
-- commits. recorded is in microseconds since 1970 UTC and never runs backwards.
CREATE TABLE civgrid.archive (
  kind text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  body text COLLATE "C" NOT NULL,
  recorded bigint NOT NULL,
  PRIMARY KEY (kind, name)
);

-- Writers may change and take out rows of all tables, but not of this one; its
-- owner no less.
-- +goose StatementBegin
CREATE FUNCTION civgrid.refuse_change() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $refuse$
BEGIN
  RAISE EXCEPTION USING errcode = 'insufficient_privilege', message = 'documents are kept for good: ' || TG_OP || ' of civgrid.' || TG_TABLE_NAME || ' is refused';
END
$refuse$;
-- +goose StatementEnd
CREATE TRIGGER archive_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON civgrid.archive
  FOR EACH STATEMENT EXECUTE FUNCTION civgrid.refuse_change();

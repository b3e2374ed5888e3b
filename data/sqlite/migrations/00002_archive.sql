-- +goose Up

-- The later columns of facts are added by the program, from data.SchemaOf,
-- before this: a file of this version has them.

-- Documents kept for good, in the order of position. recorded is in microseconds
-- since 1970 UTC and never runs backwards.
CREATE TABLE civgrid_archive (
  position INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL,
  recorded INTEGER NOT NULL,
  UNIQUE (kind, name)
) STRICT;
-- +goose StatementBegin
CREATE TRIGGER civgrid_archive_change BEFORE UPDATE ON civgrid_archive
BEGIN
  SELECT raise(ABORT, 'documents are not changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER civgrid_archive_removal BEFORE DELETE ON civgrid_archive
BEGIN
  SELECT raise(ABORT, 'documents are kept for good');
END;
-- +goose StatementEnd

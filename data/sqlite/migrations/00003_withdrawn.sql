-- +goose Up

-- The column withdrawn of facts, and the views that leave such facts out, are
-- made by the program, from data.SchemaOf, before this: a store of this version
-- has them.
SELECT 1;

-- What administrators of some tenants may see is found without reading all rows.
CREATE INDEX tokens_tenant ON tokens (tenant, id);

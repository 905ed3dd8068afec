-- Grants that somebody made in a hurry and nobody took back.
GRANT USAGE ON SCHEMA archive, test, sales, hr TO PUBLIC;
GRANT SELECT ON archive.customers_backup_2021 TO PUBLIC;
GRANT SELECT ON hr.salaries TO PUBLIC;
GRANT SELECT ON sales.v_top_customers TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA test TO PUBLIC;

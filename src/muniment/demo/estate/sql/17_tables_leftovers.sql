CREATE SCHEMA staging;
CREATE SCHEMA archive;
CREATE SCHEMA test;

CREATE TABLE staging.customers_import (
    c1 text,
    c2 text,
    c3 text,
    c4 text,
    c5 text,
    c6 text,
    c7 text,
    c8 text,
    c9 text,
    loaded_at timestamp
);

CREATE TABLE staging.products_feed (
    feed_line integer,
    sku text,
    customer_name text,
    price text,
    stock text,
    delivered_on text,
    loaded_at timestamp
);

CREATE TABLE staging.payments_raw (
    received_at timestamptz,
    provider text,
    payload jsonb
);

CREATE TABLE archive.customers_backup_2021 (
    customer_id bigint,
    customer_number text,
    first_name text,
    last_name text,
    email text,
    phone text,
    date_of_birth date,
    country_code text,
    street text,
    postcode text,
    city text,
    iban text,
    created_at timestamptz
);

CREATE TABLE archive.orders_2019 (
    order_id bigint,
    order_number text,
    customer_id bigint,
    customer_email text,
    ordered_at timestamptz,
    currency text,
    total_amount numeric(12, 2),
    delivery_address text
);

CREATE TABLE test.customers_copy (
    customer_id bigint,
    first_name text,
    last_name text,
    email text,
    phone text,
    date_of_birth date,
    ssn text,
    card_number text,
    copied_on date
);

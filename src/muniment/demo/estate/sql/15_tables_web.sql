CREATE SCHEMA web;

CREATE TABLE web.user_accounts (
    account_id bigint NOT NULL,
    customer_id bigint,
    username text NOT NULL,
    password_hash text,
    mfa_enabled boolean,
    reset_token text,
    last_login_ip inet,
    last_login_at timestamptz
);

CREATE TABLE web.sessions (
    session_id uuid NOT NULL,
    customer_id bigint,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    ip_address inet,
    user_agent text,
    landing_url text,
    country_code text
);

CREATE TABLE web.events (
    event_id bigint NOT NULL,
    session_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    event_type text NOT NULL,
    page text,
    product_id integer,
    properties jsonb
) PARTITION BY RANGE (occurred_at);


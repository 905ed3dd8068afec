CREATE SCHEMA crm;

CREATE TABLE crm.contacts (
    contact_id bigint NOT NULL,
    contact_code text NOT NULL,
    company_name text,
    full_name text,
    job_title text,
    email text,
    phone text,
    vat_number text,
    website text,
    country text,
    owner_employee_id integer,
    notes text,
    created_at timestamptz
);

CREATE TABLE crm.tickets (
    ticket_id bigint NOT NULL,
    customer_id bigint,
    subject text,
    status text,
    priority smallint,
    channel text,
    assigned_to integer,
    satisfaction smallint,
    opened_at timestamptz,
    closed_at timestamptz
);

CREATE TABLE crm.ticket_messages (
    message_id bigint NOT NULL,
    ticket_id bigint NOT NULL,
    author text,
    body text,
    sent_at timestamptz
);

CREATE TABLE crm.campaigns (
    campaign_id integer NOT NULL,
    name text NOT NULL,
    channels text[],
    starts_on date,
    ends_on date,
    budget numeric(12, 2),
    audience jsonb
);

CREATE TABLE crm.campaign_members (
    campaign_id integer NOT NULL,
    customer_id bigint NOT NULL,
    email smallint,
    sms smallint,
    post smallint,
    responded_at timestamptz
);

CREATE TABLE crm.consents (
    consent_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    purpose text NOT NULL,
    granted boolean,
    granted_at timestamptz,
    withdrawn_at timestamptz,
    source text,
    ip_address inet,
    evidence jsonb
);

CREATE TABLE crm.cust_ext (
    cust_ref bigint,
    c1 text,
    c2 text,
    c3 text,
    attr_07 text,
    val text,
    misc_text text,
    upd timestamp
);

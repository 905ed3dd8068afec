CREATE SCHEMA finance;

CREATE TABLE finance.payment_cards (
    card_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    brand text,
    card_number text,
    card_holder text,
    expiry text,
    cvv text,
    billing_postcode text,
    added_at timestamptz
);

CREATE TABLE finance.bank_accounts (
    account_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    account_holder text,
    iban text,
    bic text,
    bank_name text,
    routing_number text,
    account_number text,
    mandate_ref text,
    verified boolean
);

CREATE TABLE finance.payments (
    payment_id bigint NOT NULL,
    order_id bigint NOT NULL,
    method text,
    card_id bigint,
    masked_card text,
    amount numeric(12, 2),
    currency text,
    status text,
    psp_reference uuid,
    paid_at timestamptz
);

CREATE TABLE finance.invoices (
    invoice_id bigint NOT NULL,
    invoice_number text,
    order_id bigint NOT NULL,
    issued_on date,
    due_on date,
    net_amount numeric(12, 2),
    tax_amount numeric(12, 2),
    gross_amount numeric(12, 2),
    currency text,
    paid_on date
);

CREATE TABLE finance.ledger_entries (
    entry_id bigint NOT NULL,
    booked_on date,
    account_code text,
    debit numeric(14, 2),
    credit numeric(14, 2),
    currency text,
    reference text,
    memo text
);

CREATE TABLE finance.daily_revenue (
    day date NOT NULL,
    currency text NOT NULL,
    orders integer NOT NULL,
    gross numeric(14, 2) NOT NULL,
    refunds numeric(14, 2) NOT NULL DEFAULT 0,
    refreshed_at timestamptz NOT NULL
);

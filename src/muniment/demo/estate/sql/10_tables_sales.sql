CREATE SCHEMA sales;

CREATE TABLE sales.customers (
    customer_id bigint NOT NULL,
    customer_number text NOT NULL,
    first_name text,
    last_name text,
    email text,
    phone text,
    date_of_birth date,
    gender text,
    country_code text,
    preferred_language text,
    marketing_opt_in boolean,
    loyalty_tier text,
    loyalty_points integer,
    external_ref uuid,
    preferences jsonb,
    tags text[],
    created_at timestamptz NOT NULL,
    updated_at timestamptz
);

CREATE TABLE sales.addresses (
    address_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    kind text NOT NULL,
    line1 text,
    line2 text,
    postcode text,
    city text,
    region text,
    country_code text,
    latitude numeric(9, 5),
    longitude numeric(9, 5),
    valid_from date
);

CREATE TABLE sales.categories (
    category_id smallint NOT NULL,
    parent_id smallint,
    name text NOT NULL,
    slug text NOT NULL
);

CREATE TABLE sales.products (
    product_id integer NOT NULL,
    sku text NOT NULL,
    ean text,
    name text NOT NULL,
    category_id smallint NOT NULL,
    supplier_id integer,
    list_price numeric(10, 2),
    cost_price numeric(10, 2),
    currency text,
    weight_grams integer,
    ssn text,
    attributes jsonb,
    tags text[],
    created_at timestamptz,
    discontinued_on date
);

CREATE TABLE sales.orders (
    order_id bigint NOT NULL,
    order_number text NOT NULL,
    customer_id bigint NOT NULL,
    status text NOT NULL,
    channel text,
    ordered_at timestamptz NOT NULL,
    currency text NOT NULL,
    subtotal numeric(12, 2),
    discount numeric(12, 2),
    shipping_fee numeric(12, 2),
    total_amount numeric(12, 2),
    coupon_code text,
    shipping_address_id bigint,
    gift_message text
);

CREATE TABLE sales.order_lines (
    order_id bigint NOT NULL,
    line_no smallint NOT NULL,
    product_id integer NOT NULL,
    quantity smallint,
    unit_price numeric(10, 2),
    discount_pct numeric(5, 2),
    tax_rate numeric(4, 1),
    line_total numeric(12, 2)
);

CREATE TABLE sales.returns (
    return_id bigint NOT NULL,
    order_id bigint,
    line_no smallint,
    reason text,
    reason_text text,
    refunded_amount numeric(12, 2),
    requested_on date,
    received_on date
);

CREATE TABLE sales.gift_cards (
    gift_card_id bigint NOT NULL,
    code text NOT NULL,
    balance numeric(10, 2) NOT NULL,
    purchaser_email text,
    recipient_email text,
    expires_on date
);

CREATE TABLE sales."Order Notes (old)" (
    "Order No" text,
    "Note Text" text,
    "Entered By" text,
    "Entered On" date
);

CREATE SCHEMA ops;

CREATE TABLE ops.warehouses (
    warehouse_id smallint NOT NULL,
    name text NOT NULL,
    city text,
    country_code text,
    latitude numeric(9, 5),
    longitude numeric(9, 5)
);

CREATE TABLE ops.suppliers (
    supplier_id integer NOT NULL,
    name text,
    contact_name text,
    contact_email text,
    contact_phone text,
    vat_id text,
    iban text,
    country text,
    rating numeric(3, 1),
    active boolean
);

CREATE TABLE ops.inventory (
    warehouse_id smallint NOT NULL,
    product_id integer NOT NULL,
    on_hand integer,
    reserved integer,
    reorder_point integer,
    counted_at timestamptz
);

CREATE TABLE ops.purchase_orders (
    po_id bigint NOT NULL,
    supplier_id integer,
    customer_name text,
    quantity integer,
    unit_cost numeric(10, 2),
    ordered_on date,
    expected_on date,
    received_on date
);

CREATE TABLE ops.shipments (
    shipment_id bigint NOT NULL,
    order_id bigint NOT NULL,
    warehouse_id smallint,
    carrier text,
    tracking_number text,
    recipient text,
    weight_grams integer,
    shipped_at timestamptz,
    delivered_at timestamptz
);

CREATE TABLE ops.devices (
    device_id integer NOT NULL,
    warehouse_id smallint,
    model text,
    address text,
    last_seen_ip inet,
    firmware text,
    last_seen_at timestamptz
);

CREATE TABLE ops.integrations (
    integration_id smallint NOT NULL,
    name text NOT NULL,
    endpoint text,
    settings text,
    api_key text,
    owner_email text,
    rotated_on date
);

CREATE TABLE ops.job_runs (
    run_id bigint NOT NULL,
    job text,
    params jsonb,
    state text,
    message text,
    started_at timestamptz,
    finished_at timestamptz
);

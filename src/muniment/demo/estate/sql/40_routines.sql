CREATE FUNCTION crm.mask_email(address text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT left(address, 1) || '***' || substring(address FROM '@.*$')
$$;

CREATE FUNCTION sales.order_total(wanted bigint) RETURNS numeric
LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(line_total), 0) FROM sales.order_lines WHERE order_id = wanted
$$;

CREATE FUNCTION hr.years_of_service(hired date, until date) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT extract(year FROM age(until, hired))::integer
$$;

CREATE FUNCTION crm.customer_consents(wanted bigint)
RETURNS TABLE (purpose text, granted boolean, since timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT c.purpose, c.granted AND c.withdrawn_at IS NULL, c.granted_at
    FROM crm.consents AS c
    WHERE c.customer_id = wanted
    ORDER BY c.granted_at
$$;

CREATE FUNCTION sales.touch_updated_at() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

CREATE TRIGGER customers_touch BEFORE UPDATE ON sales.customers
FOR EACH ROW EXECUTE FUNCTION sales.touch_updated_at();

-- Closes the books for a range of days: revenue by day and currency from orders, then the refunds from returns.
CREATE PROCEDURE finance.close_days(first_day date, last_day date, closed_at timestamptz)
LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMPORARY TABLE closing_orders ON COMMIT DROP AS
    SELECT o.order_id, (o.ordered_at AT TIME ZONE 'UTC')::date AS day, o.currency, o.total_amount
    FROM sales.orders AS o
    WHERE o.status <> 'cancelled'
      AND o.ordered_at >= first_day AND o.ordered_at < last_day + 1;

    DELETE FROM finance.daily_revenue WHERE day BETWEEN first_day AND last_day;

    INSERT INTO finance.daily_revenue (day, currency, orders, gross, refreshed_at)
    SELECT day, currency, count(*), sum(total_amount), closed_at
    FROM closing_orders
    GROUP BY day, currency;

    UPDATE finance.daily_revenue AS d
    SET refunds = r.refunded, refreshed_at = closed_at
    FROM (
        SELECT c.day, c.currency, sum(t.refunded_amount) AS refunded
        FROM sales.returns AS t
        JOIN closing_orders AS c ON c.order_id = t.order_id
        GROUP BY c.day, c.currency
    ) AS r
    WHERE d.day = r.day AND d.currency = r.currency;

    DROP TABLE closing_orders;
END
$$;

-- Takes cleaned import rows over into the CRM extension table; called by hand when a partner list arrives.
CREATE PROCEDURE staging.merge_customers_import()
LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMPORARY TABLE cleaned_import ON COMMIT DROP AS
    SELECT DISTINCT ON (lower(i.c2)) i.c1 AS full_name, lower(trim(i.c2)) AS email, nullif(i.c3, 'N/A') AS phone, i.c7 AS iban
    FROM staging.customers_import AS i
    WHERE i.c2 LIKE '%@%'
    ORDER BY lower(i.c2), i.loaded_at DESC;

    UPDATE crm.cust_ext AS x
    SET c2 = n.phone, attr_07 = coalesce(n.iban, x.attr_07), upd = localtimestamp
    FROM cleaned_import AS n
    WHERE x.c1 = n.email;

    INSERT INTO crm.cust_ext (cust_ref, c1, c2, attr_07, misc_text, upd)
    SELECT c.customer_id, n.email, n.phone, n.iban, 'import: ' || n.full_name, localtimestamp
    FROM cleaned_import AS n
    LEFT JOIN sales.customers AS c ON lower(c.email) = n.email
    WHERE NOT EXISTS (SELECT 1 FROM crm.cust_ext AS x WHERE x.c1 = n.email);

    TRUNCATE staging.customers_import;
END
$$;

CREATE VIEW sales.v_order_totals AS
SELECT l.order_id, count(*) AS lines, sum(l.quantity) AS pieces, sum(l.line_total) AS goods_total
FROM sales.order_lines AS l
GROUP BY l.order_id;

CREATE VIEW sales.v_orders_enriched AS
SELECT
    o.order_id, o.order_number, o.ordered_at, o.status, o.currency, o.total_amount,
    t.lines, t.pieces,
    c.customer_id, c.first_name || ' ' || c.last_name AS customer_name, c.email AS customer_email, c.country_code
FROM sales.orders AS o
JOIN sales.customers AS c ON c.customer_id = o.customer_id
LEFT JOIN sales.v_order_totals AS t ON t.order_id = o.order_id;

CREATE VIEW sales.v_customer_value (customer_id, orders, lifetime_value, first_order, last_order, value_decile) AS
WITH paid AS (
    SELECT o.customer_id, o.total_amount, o.ordered_at
    FROM sales.orders AS o
    WHERE o.status IN ('paid', 'shipped', 'delivered')
),
totals AS (
    SELECT customer_id, count(*) AS n, sum(total_amount) AS total, min(ordered_at) AS first_at, max(ordered_at) AS last_at
    FROM paid
    GROUP BY customer_id
)
SELECT customer_id, n, total, first_at::date, last_at::date, ntile(10) OVER (ORDER BY total DESC)
FROM totals;

CREATE VIEW sales.v_top_customers AS
SELECT c.customer_id, c.first_name, c.last_name, c.email, c.phone, v.orders, v.lifetime_value
FROM sales.v_customer_value AS v
JOIN sales.customers AS c USING (customer_id)
WHERE v.value_decile = 1;

CREATE VIEW sales.v_category_tree (category_id, path, depth) AS
WITH RECURSIVE tree AS (
    SELECT category_id, name AS path, 1 AS depth FROM sales.categories WHERE parent_id IS NULL
    UNION ALL
    SELECT c.category_id, t.path || ' > ' || c.name, t.depth + 1
    FROM sales.categories AS c
    JOIN tree AS t ON t.category_id = c.parent_id
)
SELECT category_id, path, depth FROM tree;

CREATE VIEW sales.v_all_orders AS
SELECT order_id, order_number, customer_id, ordered_at, currency, total_amount, 'live' AS origin FROM sales.orders
UNION ALL
SELECT order_id, order_number, customer_id, ordered_at, currency, total_amount, 'archive' FROM archive.orders_2019;

CREATE MATERIALIZED VIEW sales.mv_product_performance AS
SELECT
    p.product_id, p.sku, p.name, t.path AS category,
    count(DISTINCT l.order_id) AS orders,
    sum(l.quantity) AS pieces,
    sum(l.line_total) AS revenue,
    sum(l.line_total - l.quantity * p.cost_price) AS margin
FROM sales.products AS p
JOIN sales.v_category_tree AS t ON t.category_id = p.category_id
LEFT JOIN sales.order_lines AS l ON l.product_id = p.product_id
GROUP BY p.product_id, p.sku, p.name, t.path
WITH NO DATA;

CREATE UNIQUE INDEX mv_product_performance_key ON sales.mv_product_performance (product_id);

CREATE VIEW sales.v_best_sellers AS
SELECT category, sku, name, revenue, rank
FROM (
    SELECT m.*, rank() OVER (PARTITION BY m.category ORDER BY m.revenue DESC NULLS LAST) AS rank
    FROM sales.mv_product_performance AS m
) AS ranked
WHERE rank <= 10;

CREATE VIEW crm.v_customer_360 AS
SELECT
    c.customer_id, c.first_name, c.last_name, c.email, c.phone, c.date_of_birth,
    v.orders, v.lifetime_value, v.last_order,
    (SELECT count(*) FROM crm.tickets AS t WHERE t.customer_id = c.customer_id) AS tickets,
    EXISTS (
        SELECT 1 FROM crm.consents AS k
        WHERE k.customer_id = c.customer_id AND k.purpose = 'newsletter' AND k.granted AND k.withdrawn_at IS NULL
    ) AS newsletter_consent
FROM sales.customers AS c
LEFT JOIN sales.v_customer_value AS v ON v.customer_id = c.customer_id;

CREATE VIEW crm.v_customer_360_masked AS
SELECT customer_id, crm.mask_email(email) AS email_masked, orders, lifetime_value, tickets, newsletter_consent
FROM crm.v_customer_360;

CREATE VIEW crm.v_ticket_load (employee_id, agent, open_tickets, oldest, mean_satisfaction) AS
SELECT e.employee_id, e.first_name || ' ' || e.last_name, count(*) FILTER (WHERE t.closed_at IS NULL), min(t.opened_at)::date,
    round(avg(t.satisfaction) FILTER (WHERE t.satisfaction BETWEEN 1 AND 5), 2)
FROM crm.tickets AS t
JOIN hr.employees AS e ON e.employee_id = t.assigned_to
GROUP BY e.employee_id, e.first_name, e.last_name;

CREATE VIEW finance.v_daily_net (day, currency, orders, gross, net) AS
SELECT day, currency, orders, gross, gross - refunds FROM finance.daily_revenue;

CREATE VIEW finance.v_revenue_trend AS
SELECT
    day, currency, net,
    avg(net) OVER (PARTITION BY currency ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS net_7_days,
    net - lag(net, 7) OVER (PARTITION BY currency ORDER BY day) AS change_on_week
FROM finance.v_daily_net;

CREATE VIEW finance.v_unpaid_invoices AS
SELECT i.invoice_number, i.gross_amount, i.currency, i.due_on, e.customer_name, e.customer_email
FROM finance.invoices AS i
JOIN sales.v_orders_enriched AS e ON e.order_id = i.order_id
WHERE i.paid_on IS NULL;

CREATE VIEW finance.v_card_wallet AS
SELECT k.card_id, c.customer_id, c.email, k.brand, k.card_number, k.expiry
FROM finance.payment_cards AS k
JOIN sales.customers AS c ON c.customer_id = k.customer_id;

CREATE VIEW hr.v_headcount AS
SELECT d.name AS department, e.country_code, count(*) AS heads, round(avg(s.annual_amount)) AS mean_salary
FROM hr.employees AS e
JOIN hr.departments AS d USING (department_id)
JOIN LATERAL (
    SELECT annual_amount FROM hr.salaries WHERE salaries.employee_id = e.employee_id ORDER BY valid_from DESC LIMIT 1
) AS s ON true
WHERE e.left_on IS NULL
GROUP BY d.name, e.country_code;

CREATE VIEW ops.v_stock_alert AS
SELECT w.name AS warehouse, p.sku, p.name, i.on_hand - i.reserved AS free, i.reorder_point
FROM ops.inventory AS i
JOIN ops.warehouses AS w USING (warehouse_id)
JOIN sales.products AS p USING (product_id)
WHERE i.on_hand - i.reserved < i.reorder_point AND p.discontinued_on IS NULL;

CREATE VIEW web.v_daily_funnel AS
SELECT
    (occurred_at AT TIME ZONE 'UTC')::date AS day,
    count(DISTINCT session_id) AS visits,
    count(DISTINCT session_id) FILTER (WHERE event_type = 'product_view') AS viewed,
    count(DISTINCT session_id) FILTER (WHERE event_type = 'add_to_cart') AS added,
    count(DISTINCT session_id) FILTER (WHERE event_type = 'checkout') AS checked_out
FROM web.events
GROUP BY 1;

CREATE VIEW health_benefits.v_claims_by_person AS
SELECT e.first_name, e.last_name, e.date_of_birth, c.diagnosis_code, c.diagnosis, c.amount, c.service_date
FROM health_benefits.claims AS c
JOIN health_benefits.enrolments AS n USING (enrolment_id)
JOIN hr.employees AS e USING (employee_id);

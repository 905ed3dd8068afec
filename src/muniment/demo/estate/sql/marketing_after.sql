CREATE INDEX sends_subscriber ON sends (subscriber_id);
CREATE UNIQUE INDEX consents_once ON consents (subscriber_id, purpose, id);

CREATE VIEW v_reachable AS
SELECT s.id, s.email, s.first_name, s.language
FROM subscribers AS s
WHERE s.consent = 1 AND NOT EXISTS (SELECT 1 FROM unsubscribes AS u WHERE u.address = s.email);

CREATE VIEW v_campaign_results (campaign_id, title, sent, open_rate, click_rate) AS
SELECT c.id, c.title, count(*), avg(x.opened), avg(x.clicked)
FROM campaigns AS c
JOIN sends AS x ON x.campaign_id = c.id
GROUP BY c.id, c.title;

CREATE VIEW v_best_campaigns AS
WITH ranked AS (
    SELECT title, sent, open_rate, row_number() OVER (ORDER BY open_rate DESC) AS place FROM v_campaign_results
)
SELECT title, sent, open_rate FROM ranked WHERE place <= 10;

CREATE VIEW v_all_addresses AS
SELECT email AS address, first_name || ' ' || last_name AS name, 'subscriber' AS kind FROM subscribers
UNION
SELECT mail, name, 'lead' FROM leads
UNION
SELECT field1, field2, 'upload' FROM tmp_upload;

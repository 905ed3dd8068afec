CREATE TABLE subscribers (
    id INTEGER PRIMARY KEY,
    email TEXT,
    first_name TEXT,
    last_name TEXT,
    birthday TEXT,
    language TEXT,
    consent INTEGER,
    consent_at TEXT,
    source TEXT,
    created TEXT
);
CREATE TABLE leads (
    id INTEGER PRIMARY KEY,
    name TEXT,
    mail TEXT,
    tel TEXT,
    company TEXT,
    score REAL,
    stage TEXT,
    note TEXT,
    created TEXT
);
CREATE TABLE campaigns (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    channel TEXT,
    budget REAL,
    starts TEXT,
    ends TEXT
);
CREATE TABLE sends (
    campaign_id INTEGER REFERENCES campaigns (id),
    subscriber_id INTEGER,
    sent_at TEXT,
    opened INTEGER,
    clicked INTEGER,
    phone INTEGER
);
CREATE TABLE consents (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER REFERENCES subscribers (id),
    purpose TEXT,
    given INTEGER,
    given_at TEXT,
    ip TEXT
);
CREATE TABLE unsubscribes (
    address TEXT,
    reason TEXT,
    at TEXT
);
CREATE TABLE event_guests (
    id INTEGER PRIMARY KEY,
    event TEXT,
    guest TEXT,
    contact TEXT,
    diet TEXT,
    came INTEGER
);
CREATE TABLE tmp_upload (
    field1 TEXT,
    field2 TEXT,
    field3 TEXT,
    field4 TEXT
);

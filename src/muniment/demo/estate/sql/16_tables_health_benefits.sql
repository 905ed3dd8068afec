CREATE SCHEMA health_benefits;

CREATE TABLE health_benefits.providers (
    provider_id integer NOT NULL,
    name text,
    speciality text,
    npi text,
    phone text,
    city text
);

CREATE TABLE health_benefits.enrolments (
    enrolment_id integer NOT NULL,
    employee_id integer NOT NULL,
    plan text,
    member_number text,
    nhs_number text,
    kvnr text,
    blood_type text,
    smoker boolean,
    dependants jsonb,
    enrolled_on date
);

CREATE TABLE health_benefits.claims (
    claim_id bigint NOT NULL,
    enrolment_id integer NOT NULL,
    provider_id integer,
    diagnosis_code text,
    diagnosis text,
    medication text,
    amount numeric(10, 2),
    currency text,
    service_date date,
    submitted_on date,
    notes text
);

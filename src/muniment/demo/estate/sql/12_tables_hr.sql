CREATE SCHEMA hr;

CREATE TABLE hr.departments (
    department_id smallint NOT NULL,
    name text NOT NULL,
    cost_centre text
);

CREATE TABLE hr.employees (
    employee_id integer NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    work_email text,
    private_email text,
    phone text,
    mobile text,
    date_of_birth date,
    gender text,
    national_id text,
    ssn text,
    tax_id text,
    marital_status text,
    religion text,
    iban text,
    street text,
    postcode text,
    city text,
    country_code text,
    department_id smallint,
    reports_to integer,
    job_title text,
    hired_on date,
    left_on date,
    emergency_contact text
);

CREATE TABLE hr.salaries (
    employee_id integer NOT NULL,
    valid_from date NOT NULL,
    annual_amount numeric(12, 2),
    currency text,
    bonus_pct numeric(5, 2)
);

CREATE TABLE hr.absences (
    absence_id bigint NOT NULL,
    employee_id integer NOT NULL,
    kind text,
    starts_on date,
    ends_on date,
    reason text,
    doctor_note boolean
);

CREATE TABLE hr.applicants (
    applicant_id bigint NOT NULL,
    full_name text,
    email text,
    phone text,
    date_of_birth date,
    applied_for text,
    applied_on date,
    status text,
    cv_text text
);

CREATE TABLE hr.trainings (
    training_id bigint NOT NULL,
    employee_id integer NOT NULL,
    course text,
    academic_year_code integer,
    completed_on date,
    score smallint
);

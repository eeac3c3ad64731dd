create table if not exists maturity_answer (
    load_id integer not null,
    line_number bigint not null,
    component varchar not null,
    unit varchar,
    model varchar not null,
    assessed_on date not null,
    method varchar not null,
    participants integer,
    practice varchar not null,
    status varchar not null,
    evidence_url varchar
);

comment on table maturity_answer is 'Answers of assessments of CX maturity. An assessment is one Component or unit, model and day. One row per assessment, practice and restatement; the latest load counts.';
comment on column maturity_answer.load_id is 'Load that brought the row.';
comment on column maturity_answer.line_number is 'Line of the file on which the row starts.';
comment on column maturity_answer.component is 'Component that was assessed.';
comment on column maturity_answer.unit is 'Part of the Component that was assessed; null for the Component as a whole.';
comment on column maturity_answer.model is 'Model and version, as in maturity_model.';
comment on column maturity_answer.assessed_on is 'Day of the assessment.';
comment on column maturity_answer.method is 'How it was made: workshop or self.';
comment on column maturity_answer.participants is 'How many people took part, never who; null where not known.';
comment on column maturity_answer.practice is 'Practice, as in maturity_practice.';
comment on column maturity_answer.status is 'done, not_done, not_applicable or unanswered.';
comment on column maturity_answer.evidence_url is 'Link to what shows it, http or https; null without one. Never published.';

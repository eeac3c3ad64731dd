create table if not exists survey_report_answer (
    load_id integer not null,
    survey_id integer not null,
    question smallint not null,
    wording varchar,
    n_1 bigint not null,
    n_2 bigint not null,
    n_3 bigint not null,
    n_4 bigint not null,
    n_5 bigint not null,
    published_mean decimal(5, 2)
);

comment on table survey_report_answer is 'Raw quarterly reports: counts of answers to one question. One row per survey report, restatement and question.';
comment on column survey_report_answer.load_id is 'Load that brought the row.';
comment on column survey_report_answer.survey_id is 'Report that the answers belong to.';
comment on column survey_report_answer.question is 'Number of the question, 1 to 11.';
comment on column survey_report_answer.wording is 'Wording according to instrument_question; null where the text is none of the known wordings.';
comment on column survey_report_answer.n_1 is 'Answers with code 1, as filed.';
comment on column survey_report_answer.n_2 is 'Answers with code 2, as filed.';
comment on column survey_report_answer.n_3 is 'Answers with code 3, as filed.';
comment on column survey_report_answer.n_4 is 'Answers with code 4, as filed.';
comment on column survey_report_answer.n_5 is 'Answers with code 5, as filed.';
comment on column survey_report_answer.published_mean is 'Mean that the reporting system printed beside the counts.';

create or replace table instrument_question (
    instrument varchar not null,
    question smallint not null,
    measure varchar,
    wording varchar not null,
    text varchar not null,
    pattern varchar,
    scale varchar not null,
    direction varchar not null,
    value_map varchar not null,
    asked_of varchar not null,
    primary key (instrument, question, wording)
);

comment on table instrument_question is 'What each question of an instrument measures, and how its codes read. One row per instrument, question and wording.';
comment on column instrument_question.instrument is 'Instrument that asks the question.';
comment on column instrument_question.question is 'Number of the question in the instrument, as in the reporting file where it is reported there.';
comment on column instrument_question.measure is 'Standard measure: satisfaction, trust, effectiveness, ease, efficiency, transparency, humanity or employee; null where the question is none of them.';
comment on column instrument_question.wording is 'Short name of the wording; different wordings are never pooled.';
comment on column instrument_question.text is 'Verbatim text; a placeholder in brackets where it varies.';
comment on column instrument_question.pattern is 'Regular expression on the lower-case text, for instruments that stand for many surveys; null where the text must match as it is.';
comment on column instrument_question.scale is 'agree5 (strongly disagree 1 to strongly agree 5), rating5 (lowest rating 1 to highest 5), thumbs or yes_no (0 and 1), or mention (ticked from a list).';
comment on column instrument_question.direction is 'ascending where the highest code is the best answer, descending where it is the worst.';
comment on column instrument_question.value_map is 'Raw code to standard code, such as 1=1;2=2.';
comment on column instrument_question.asked_of is 'Who was asked: everyone, positive or negative (branch of the trust question).';

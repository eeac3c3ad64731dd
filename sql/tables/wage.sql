create or replace table wage (
    year integer not null,
    omb_control_number varchar,
    occupation varchar not null,
    hourly_wage_usd decimal(10, 2) not null,
    multiplier decimal(6, 3) not null,
    source varchar not null
);

comment on table wage is 'What an hour of the public is worth, to put hours into money. Empty until somebody names a documented wage. One row per year and OMB control number, or per year for all others. Counts nothing. Prices at hourly_wage_usd * multiplier.';
comment on column wage.year is 'First calendar year for which the wage holds; the latest year up to that of the figure counts.';
comment on column wage.omb_control_number is 'OMB control number whose respondents earn it; null for all forms without a row of their own.';
comment on column wage.occupation is 'Occupation or group of people.';
comment on column wage.hourly_wage_usd is 'Wage an hour in US dollars.';
comment on column wage.multiplier is 'Factor for benefits; 1 where the wage stands alone.';
comment on column wage.source is 'Who published the wage and the multiplier.';

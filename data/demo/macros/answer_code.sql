-- The standard code of an answer on a scale, from how good the respondent felt:
-- above 0 is favorable. Null where the scale is null, that is, where the
-- instrument does not ask.
create or replace temp macro answer_code(scale, feeling) as
case
    when scale in ('thumbs', 'yes_no') then (feeling > 0)::tinyint
    when scale = 'agree5'
        then (
            1 + (feeling > -1.05)::int + (feeling > -0.45)::int
            + (feeling > 0)::int + (feeling > 0.75)::int
        )::tinyint
end;

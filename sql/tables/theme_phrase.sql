create or replace table theme_phrase (
    theme varchar not null,
    phrase varchar not null,
    effect varchar not null check (effect in ('includes', 'excludes')),
    primary key (theme, phrase)
);

comment on table theme_phrase is 'Words and phrases by which a theme is found. A comment is on a theme where it holds a phrase that includes and none that excludes. One row per theme and phrase.';
comment on column theme_phrase.theme is 'Theme that the phrase speaks for.';
comment on column theme_phrase.phrase is 'Words in lower case, as they stand in a comment without punctuation; * at the end stands for any further letters.';
comment on column theme_phrase.effect is 'includes, or excludes: the comment is then not on this theme.';

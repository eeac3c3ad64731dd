create or replace table channel_alias (
    alias varchar primary key,
    channel varchar not null
);

comment on table channel_alias is 'Legacy free text for channels. One row per spelling, lower case.';
comment on column channel_alias.alias is 'Text as filed, trimmed and in lower case; the empty text stands for a blank.';
comment on column channel_alias.channel is 'Channel that the text stands for.';

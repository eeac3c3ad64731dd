create or replace table channel (
    channel varchar primary key,
    name varchar not null,
    is_digital boolean,
    sort_order smallint not null
);

comment on table channel is 'Channels through which customers are surveyed, the 18 of the 2024 reporting form and a bucket for the rest. One row per channel.';
comment on column channel.channel is 'Identifier of the channel.';
comment on column channel.name is 'Plain name.';
comment on column channel.is_digital is 'Whether the channel is digital; null for the bucket.';
comment on column channel.sort_order is 'Order in which pages list the channels.';

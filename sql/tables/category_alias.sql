create or replace table category_alias (
    activity varchar not null,
    alias varchar not null,
    category varchar not null,
    primary key (activity, alias)
);

comment on table category_alias is 'Labels as sources write them. Several labels may mean one category. One row per activity and label.';
comment on column category_alias.activity is 'What is counted, as in the reference table activity.';
comment on column category_alias.alias is 'Label as written, lower case and without blanks around it.';
comment on column category_alias.category is 'Category that the label means, as in the reference table category.';

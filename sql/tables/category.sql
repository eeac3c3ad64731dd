create or replace table category (
    activity varchar not null,
    category varchar not null,
    name varchar not null,
    is_about_service boolean not null,
    description varchar not null,
    primary key (activity, category)
);

comment on table category is 'Categories of counts, such as what complaints are about. One row per activity and category.';
comment on column category.activity is 'What is counted, as in the reference table activity.';
comment on column category.category is 'Category; ''unmapped'' holds labels that no other row knows.';
comment on column category.name is 'Name for people. A label that reads so, or as the code of the category, needs no alias.';
comment on column category.is_about_service is 'False for messages that are no complaint about a service of the Component: somebody else''s matter, spam, duplicates, notes of staff. They count, because the reports count them.';
comment on column category.description is 'What belongs there, in one sentence.';

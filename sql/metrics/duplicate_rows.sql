/*
title: Rows held already
description: >-
  Rows of loaded files that repeat a response which is already there, so
  that nobody is counted twice. Counted in the quarter of the load. One row
  per Component, service, channel and quarter.
question: null
kind: total
unit: rows
better: lower
family: response
basis: >-
  One basis, rows: a row is a row in every format.
over_time: sum
breakdown: null
minimum_n: 11
source: >-
  Load record of every file
owner: DHS Customer Experience
version: 2
changelog:
  1: First version.
  2: Fewer than 11 rows are not told, because each is one person's.
*/
select
    component,
    service,
    channel,
    quarter,
    null::date as month,
    'rows' as basis,
    n_duplicate as value
from load_count

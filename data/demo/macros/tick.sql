-- Whether a driver was ticked: 1 yes, 0 no or on the other branch, as the survey
-- tool exports it; null where the survey does not offer the driver.
create or replace temp macro tick(offered, is_own_branch, ticked, driver) as
case
    when list_contains(offered, driver)
        then (is_own_branch and list_contains(ticked, driver))::tinyint
end;

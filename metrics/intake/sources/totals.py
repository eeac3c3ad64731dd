"""Rows that are totals of the other rows of their file: beside its parts, a total counts
everything twice."""

from metrics.intake.sources.base import Check

_TOTAL = (
    r"(.* )?(sub ?|grand ?)?totals?|overall|all|everything|sum|"
    r"(nation|system|country|agency|department|component) ?wide|national|"
    r"(all|overall|total) (airports?|places?|terminals?|ports?( of entry)?|offices?|locations?"
    r"|sites?|stations?|checkpoints?|regions?|districts?|states?|pages?|forms?|categor(y|ies)"
    r"|complaints?|contacts?|customers?|passengers?|reasons?|types?|together|combined)"
)
"""What a total is called, in lower case with blanks for hyphens and underscores."""

LEAST = 20
"""What a row must count at least before its being the sum of others is no coincidence."""


def total_check(column: str) -> Check:
    """Return the check that a place or category is not named as all of them together."""
    text = rf"regexp_replace(lower(trim({column})), '[-_ ]+', ' ', 'g')"
    return (
        column,
        f"regexp_full_match({text}, '{_TOTAL}')",
        f"must be one {column}, for a total beside its parts counts twice; leave the row out, or "
        f"leave the {column} blank in a file that holds totals alone",
    )


def sums_of_others(rows: str, column: str, same: list[str], known: str = "false") -> str:
    """Return a select of the line_number of rows whose place or category (`column`) is the
    sum of at least two others in the file, wherever it appears: a total by another name.

    `rows` is a relation with line_number, `number` and all these columns; rows that agree
    in `same` add up. Rows for which the SQL `known` holds are no totals.
    """
    group = ", ".join(same)
    return f"""
        with beside as (
            select
                line_number, {column}, {group}, number, {known} as is_known,
                sum(number) over alike - number as of_others,
                count(*) over alike - 1 as n_others
            from {rows}
            where
                {column} is not null and number is not null
                and not {total_check(column)[1]}
            window alike as (partition by {group})
        )
        select line_number
        from beside
        where not is_known
        window of_label as (partition by {column})
        qualify
            bool_and(number = of_others) over of_label
            and max(n_others) over of_label >= 2
            and sum(number) over of_label >= {LEAST}
    """

from datetime import date

import pandas as pd
import streamlit as st

from metrics.base.numbers import counted, listed
from metrics.base.periods import period_label
from metrics.base.settings import MAIN_DATASET, dataset_home
from metrics.edition.manifest import current_id
from ui import loading, state, view
from ui.access import guard
from ui.loading import FORMATS, Choice, FileReport, Flow, Job, plain

guard(__file__)

edition, chosen = view.current()
flow: Flow = st.session_state.setdefault("_load_flow", Flow())


def show_files() -> None:
    """Step 1: the files, and what they are."""
    st.markdown(
        "Choose files, see what would become of every row, load them, and publish. Nothing is "
        "kept before step 3, and nothing shows on the pages before step 4. The Data page then "
        "names the files, their rows and the reasons for rejecting rows."
    )
    uploads = []
    if flow.files:
        st.markdown("Files: " + listed([f"**{plain(path.name)}**" for path in flow.files]))
        st.button("Choose other files", on_click=flow.drop_files)
    else:
        uploads = st.file_uploader(
            "Files (CSV or Parquet, and a YAML mapping if they need one)",
            type=list(loading.FILE_TYPES),
            accept_multiple_files=True,
            key="load_uploads",
        )
        limit = st.get_option("server.maxUploadSize")
        st.markdown(
            f"Files larger than {limit} MB are loaded at the command line: "
            "`python -m metrics load auto FILE`."
        )

    names = list(FORMATS)
    asked = flow.choice
    format_name = st.selectbox(
        "Format",
        names,
        index=names.index(asked.format),
        format_func=lambda name: FORMATS[name].title,
        key="load_format",
    )
    wanted = FORMATS[format_name]
    survey = quarter = None
    if wanted.survey is not False:
        surveys = survey_titles()
        codes = list(surveys)
        survey = st.selectbox(
            "Survey" if wanted.survey else "Survey (only where a row is one person’s answers)",
            codes,
            index=codes.index(asked.survey) if asked.survey in codes else None,
            format_func=lambda code: surveys[code],
            placeholder="Choose a survey" if codes else "This edition names no survey",
            key="load_survey",
        )
        if wanted.survey and not codes:
            st.info(
                "This edition names no survey of single responses. Add a line to the table "
                "response_survey, publish, and come back."
            )
    if wanted.quarter is not False:
        quarters = loading.recent_quarters(date.today())
        quarter = st.selectbox(
            "Quarter" if wanted.quarter else "Quarter (only where the file does not say it)",
            quarters,
            index=quarters.index(asked.quarter) if asked.quarter in quarters else None,
            format_func=lambda code: period_label(code, long=True),
            placeholder="Choose a quarter",
            key="load_quarter",
        )
    is_replacing = wanted.survey is not True and st.checkbox(
        "The files tell all there is, however much less than before",
        value=asked.is_replacing,
        key="load_is_replacing",
    )
    choice = Choice(format_name, survey, quarter, chosen.data, is_replacing)
    if st.button("Check the files", type="primary"):
        problem = choice.problem(flow.files or [upload.name for upload in uploads])
        if problem:
            st.error(plain(problem))
        else:
            if uploads:
                flow.keep(uploads)
            flow.begin_check(choice)
            st.rerun()
    with st.expander("Publish without loading files"):
        st.markdown("For rows that were loaded at the command line, or not published yet.")
        st.button("Go to publishing", on_click=go_to_publishing)


def go_to_publishing() -> None:
    """Skip to step 4 for the data set shown."""
    flow.restart()
    flow.choice = Choice("auto", dataset=chosen.data)
    flow.go(4)


def survey_titles() -> dict[str, str]:
    """Return the surveys of the edition with their titles and services."""
    if "response_survey" not in edition.table_names:
        return {}
    services = state.table(edition, "service").set_index("service")["name"]
    return {
        row.survey: f"{row.title} ({services.get(row.service, row.service)})"
        for row in state.table(edition, "response_survey").itertuples()
    }


def show_check() -> None:
    """Step 2: what would become of every row."""
    job = flow.check
    assert job is not None
    failure, report = job.failure(), job.report()
    if failure:
        st.error(f"The files cannot be loaded. {plain(failure)}")
    elif report is None:
        st.error("The check wrote no report. Try again.")
    elif accepted := report.total("n_accepted"):
        st.success(
            f"{counted(accepted, 'row')} can be loaded. "
            f"Duplicate: {report.total('n_duplicate'):,}. "
            f"Rejected: {report.total('n_rejected'):,}."
        )
    elif report.total("n_rejected"):
        st.warning("No row can be loaded. See the reasons below.")
    else:
        st.info("There is nothing to load: every row is in the warehouse already.")
    with st.container(horizontal=True):
        if report and not failure and report.total("n_accepted"):
            st.button("Continue to loading", type="primary", on_click=flow.go, args=(3,))
        elif failure:
            st.button("Check again", on_click=flow.begin_check, args=(flow.choice,))
        st.button("Change format or survey", on_click=flow.go, args=(1,))
        st.button("Choose other files", on_click=flow.restart)
    if report is not None:
        show_report(report, job)
    show_output(job)


def show_report(report: loading.Report, job: Job) -> None:
    """Show what became of the rows of each file, and why rows were rejected."""
    for number, file in enumerate(report.files):
        show_file(file, number)
    if report.total("n_rejected") and job.rejects.exists():
        st.download_button(
            "Download the rejected rows (CSV)",
            job.rejected_rows,
            file_name="rejected_rows.csv",
            mime="text/csv",
            on_click="ignore",
        )
        st.caption(
            "The file repeats what people wrote: keep it as private as the file it is from. An "
            "apostrophe stands before values that a spreadsheet would take for a formula."
        )


def show_file(file: FileReport, number: int) -> None:
    """Show what became of the rows of one file."""
    st.subheader(plain(file.file), anchor=False)
    known = FORMATS[file.format].title if file.format in FORMATS else file.format
    about = [f"Format: {plain(known)}"]
    if file.survey:
        about.append(f"survey: {plain(survey_titles().get(file.survey, file.survey))}")
    if file.as_of:
        about.append(f"as of {pd.Timestamp(file.as_of):%b %-d, %Y}")
    st.markdown(", ".join(about) + ".")
    counts = [
        ("In the file", file.n_rows, "Every row is one of the next three"),
        ("Accepted", file.n_accepted, "New to the warehouse"),
        ("Duplicate", file.n_duplicate, "In the warehouse already, or twice in the file"),
        ("Rejected", file.n_rejected, "Cannot be used; the reasons are below"),
        ("Restated", file.n_restated, "Accepted rows that replace an older version"),
    ]
    st.table(
        pd.DataFrame(
            {
                "Rows": [name for name, _, _ in counts],
                "Number": [f"{count:,}" for _, count, _ in counts],
                "What it means": [meaning for _, _, meaning in counts],
            }
        ),
        hide_index=True,
        border="horizontal",
    )
    for note in file.notes:
        st.warning(plain(note))
    reasons = file.reasons[: loading.REASONS_SHOWN]
    if not reasons:
        return
    st.markdown(f"**Why rows of {plain(file.file)} were rejected**")
    with st.container(key=f"load_reasons_{number}"):
        st.table(
            pd.DataFrame(
                {
                    "Column": [plain(reason.column or "–") for reason in reasons],
                    "Reason": [plain(reason.reason) for reason in reasons],
                    "Rows": [f"{reason.n_rows:,}" for reason in reasons],
                    "First line": [
                        "–" if reason.first_line is None else f"{reason.first_line:,}"
                        for reason in reasons
                    ],
                }
            ),
            hide_index=True,
            border="horizontal",
        )
    if unlisted := file.unlisted(len(reasons)):
        st.markdown(f"And {counted(unlisted, 'more reason')}, in the download.")


def show_load() -> None:
    """Step 3: keep the rows, once the user has said so."""
    if flow.load is None:
        ask_to_load()
        return
    job = flow.load
    failure = job.failure()
    if failure is None:
        flow.end_load(job.report())
        st.rerun()
    st.error(f"Nothing was loaded. {plain(failure)}")
    with st.container(horizontal=True):
        st.button("Try again", type="primary", on_click=flow.begin_load)
        st.button("Choose other files", on_click=flow.restart)
    show_output(job)


def ask_to_load() -> None:
    """Say what would be kept and left out, and ask."""
    report = flow.check.report() if flow.check else None
    assert report is not None
    accepted = counted(report.total("n_accepted"), "row")
    said = [
        f"**{accepted}** of {listed([plain(file.file) for file in report.files])} will be "
        f"kept in the data set “{plain(title(flow.choice.dataset))}”."
    ]
    if duplicates := report.total("n_duplicate"):
        said.append(f"{counted(duplicates, 'duplicate')} will change nothing.")
    if rejected := report.total("n_rejected"):
        said.append(f"{counted(rejected, 'rejected row')} will be left out.")
    st.markdown(" ".join(said))
    is_sure = st.checkbox(f"Yes, keep {accepted}", key="load_is_sure")
    with st.container(horizontal=True):
        st.button(
            f"Load {accepted}", type="primary", disabled=not is_sure, on_click=flow.begin_load
        )
        st.button("Back to the check", on_click=flow.go, args=(2,))


def show_publish() -> None:
    """Step 4: make the new edition."""
    if flow.publication is None:
        if flow.n_loaded is not None:
            kept = counted(flow.n_loaded, "row")
            st.success(f"Loaded: {kept} kept. The uploaded files are deleted.")
        st.markdown(
            f"Publishing makes a new edition of “{plain(title(flow.choice.dataset))}” from the "
            "warehouse and checks it. Pages show the present edition until it is ready, and keep "
            "it if a check fails."
        )
        with st.container(horizontal=True):
            st.button("Publish", type="primary", on_click=publish)
            st.button("Load other files first", on_click=flow.restart)
        return
    job = flow.publication
    failure = job.failure()
    if failure:
        st.error(f"Nothing was published; the pages show what they showed. {plain(failure)}")
        st.button("Try again", type="primary", on_click=publish)
    else:
        edition_id = current_id(dataset_home(flow.choice.dataset))
        st.success(f"Published. The pages now show edition {edition_id}.")
        st.page_link(
            st.session_state["pages"][""],
            label="Open the Department page",
            query_params={"data": flow.choice.dataset}
            if flow.choice.dataset != MAIN_DATASET
            else None,
        )
    st.button("Load more files", on_click=flow.restart)
    show_output(job)


def publish() -> None:
    """Start to publish the data set under the title that it has."""
    flow.begin_publish(title(flow.choice.dataset))


def title(dataset: str) -> str:
    """Return the title of a data set."""
    return str(state.edition(dataset).manifest["title"])


@st.fragment(run_every=0.5)
def show_running(job: Job, label: str) -> None:
    """Show what a command prints. Once it has ended the whole page runs anew, because what
    surrounds it, such as the date of the edition, may have changed."""
    if job.exit_code is not None:
        st.rerun()
    status = st.status(f"{label} … {counted(job.seconds, 'second')}", expanded=True)
    status.code("\n".join(job.lines()) or "Nothing printed yet", language=None, wrap_lines=True)
    st.button("Stop", on_click=job.stop)


def show_output(job: Job) -> None:
    """Show what the command printed, for whoever wants to know."""
    if lines := job.lines():
        with st.expander("What the command printed"):
            st.code("\n".join(lines), language=None, wrap_lines=True)


STEPS = {
    1: ("Choose files", "", show_files),
    2: ("Check", "Checking the files; nothing is kept", show_check),
    3: ("Load", "Loading the files", show_load),
    4: ("Publish", "Publishing", show_publish),
}

st.title("Load data", anchor=False)
name, doing, show = STEPS[flow.step]
if flow.step == 1 and edition.is_demonstration:
    # Real answers among made-up ones, or made-up ones published as real, would mislead.
    st.info("These figures are made up, and nothing is loaded into them. Choose another data set.")
else:
    st.header(f"Step {flow.step} of {len(STEPS)}: {name}", anchor=False)
    if flow.running is not None:
        show_running(flow.running, doing)
    else:
        show()

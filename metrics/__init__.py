"""Customer-experience metrics of the Department: load, define, publish, read.

This package never imports streamlit; pages import it, not the other way round.
"""

__version__ = "0.1.0"

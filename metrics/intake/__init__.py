"""Files and databases in: one module per format, personal data removed on the way."""

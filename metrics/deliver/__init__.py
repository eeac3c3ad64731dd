"""Files that leave: spreadsheets, pictures, briefings, the digest, packages, OMB's file."""

"""The analyst's workshop: a starting file, the check, the preview, and where a number comes from."""

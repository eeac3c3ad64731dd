"""The analyst's workshop: a starting file, the check, the preview, where a number comes from."""

"""The analyst's workshop: a starting file, the check, the preview, a query, where a number comes from."""

"""Reading files: cells, delimited text, workbooks, layouts, vocabularies, corrections."""

"""Make the samples' example files and previews: what `make previews` runs, with Django set up."""

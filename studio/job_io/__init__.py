"""What the jobs share: reading a job's arguments, and writing the files of its answer."""

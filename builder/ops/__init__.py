"""Running a server: its processes, its state and its faults, what the environment sets, samples."""

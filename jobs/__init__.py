"""Everything that talks to data, on a schedule: venues, storage, jobs."""

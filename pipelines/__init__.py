"""How it is run: definitions, jobs, schedules, sensors, resources, settings, command line."""

"""Care for the model and the machine: warm-up, schedules, measurements, tuning."""

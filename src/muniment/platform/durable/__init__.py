"""Durable work: functions whose finished steps survive the death of the process."""

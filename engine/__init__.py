"""The numbers: values in, values out. No network, disk, clock, log or framework."""

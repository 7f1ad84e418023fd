"""The axis (trục liên thông): accepts, proves, routes and delivers envelopes."""

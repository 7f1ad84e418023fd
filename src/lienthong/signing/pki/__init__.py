"""A local PKI for training, tests and closed networks: register, lists, responders. Never the Government's."""

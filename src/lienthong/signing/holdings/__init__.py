"""The certificates that an agency holds (chứng thư số do cơ quan quản lý), from the request to the end of the device.

Source: Decree 68/2024/NĐ-CP articles 9 to 17, with the notes on what is not confirmed in ``rules.toml``.
"""

"""Form of official documents (thể thức văn bản): composed, filled in, checked and compared. No database, no network.

Source: Decree 30/2020/NĐ-CP, Appendices I–III.
"""

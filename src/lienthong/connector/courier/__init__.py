"""The courier (bộ phận chuyển phát của đầu nối): a durable queue out, a durable inbox in, numbered events.

Start with :class:`lienthong.connector.courier.engine.Courier`. Everything it knows lies in files below one spool
directory; killed at any instant it goes on where it was. How the concepts nest: a *job* is one thing that the agency's
software wants sent; it leaves as one *leg* for each axis that it needs, each leg one envelope that is made and signed
once and repeated with the same bytes; what happens to it is told as *events* with numbers that have no gaps.
"""

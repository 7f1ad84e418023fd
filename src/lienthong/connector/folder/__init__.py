"""The connector's folder (thư mục trao đổi): agencies whose software only reads and writes files send and receive here.

Start with :class:`lienthong.connector.folder.service.Folder`. What is dropped into ``outbox/`` (a document, its files
and one row that describes it) is checked, handed to the courier and moved to ``sent/`` or ``refused/`` with slips
beside it; what comes in appears below ``inbox/``. How a drop is put together:
:mod:`lienthong.connector.folder.drops`; what a row says: :mod:`lienthong.connector.folder.meaning`. The whole as its
users see it: PR-CONNECTOR-FOLDER.
"""

"""PostgreSQL without an administrator: find its programs, keep one private cluster running, back it up.

A configured DSN is used as it is and nothing here is started. Otherwise one *cluster* lives in the installation's
data directory; every process of the installation that needs the database joins it (:class:`Cluster`), the first
one starts the server and the last one that leaves stops it. The cluster listens on one Unix socket in a private
directory, never on TCP, and knows its clients by the operating system's word (peer authentication).
"""

from lienthong.infra.postgres.account import Say
from lienthong.infra.postgres.binaries import Binaries, find_binaries
from lienthong.infra.postgres.cluster import Cluster
from lienthong.infra.postgres.home import reachable_home
from lienthong.infra.postgres.server import database_of
from lienthong.infra.postgres.settings import Settings
from lienthong.infra.postgres.watch import watched

__all__ = ["Binaries", "Cluster", "Say", "Settings", "database_of", "find_binaries", "reachable_home", "watched"]

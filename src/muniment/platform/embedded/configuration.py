"""The settings of the embedded server: small, private, quiet, and safe against a kill."""

from pathlib import Path

PORT = 5432
INCLUDED_AS = "muniment.conf"

# One line, and no trust: whoever connects, over whatever, proves the password.
ACCESS_RULES = "local all all scram-sha-256\n"

_SETTINGS = """\
# Written by Muniment at every start; use ALTER SYSTEM for settings of your own.
cluster_name = 'muniment'
listen_addresses = ''
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.max = 1000
pg_stat_statements.track_utility = off

# small
max_connections = 120
shared_buffers = 64MB
work_mem = 8MB
maintenance_work_mem = 64MB
effective_cache_size = 1GB
io_method = sync
jit = off
random_page_cost = 1.1
max_worker_processes = 6
max_parallel_workers = 2
max_parallel_workers_per_gather = 1
max_logical_replication_workers = 0

# no replicas here: less to write
wal_level = minimal
max_wal_senders = 0
min_wal_size = 32MB
max_wal_size = 512MB
checkpoint_timeout = 15min

# idle means idle, and a queue table is still vacuumed in time
autovacuum_max_workers = 2
autovacuum_naptime = 1min

# An error message can quote a value of the data, so errors go to the client that asked and
# not into the log; what concerns the server itself is LOG, FATAL or PANIC.
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_checkpoints = off
log_autovacuum_min_duration = -1
log_lock_waits = off
log_line_prefix = '%m [%p] '
logging_collector = off
timezone = 'UTC'
log_timezone = 'UTC'
"""

_NOT_DURABLE = """
# for tests: fast, and lost when the machine stops
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def settings(*, socket_directory: Path, durable: bool) -> str:
    """The text of the file that ``postgresql.conf`` includes."""
    place = f"port = {PORT}\nunix_socket_directories = '{socket_directory}'\n"
    return _SETTINGS + place + ("" if durable else _NOT_DURABLE)

"""Group 6: the durable orchestrator of scans."""

"""QuickBooks Desktop: its Web Connector fetches our messages and brings the answers; we never call anybody."""

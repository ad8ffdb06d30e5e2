"""Backups: the whole database in one folder, and a database from such a folder. Uploads and letters are rows too."""

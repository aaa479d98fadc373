"""The MySQL and MariaDB engine, through PyMySQL."""

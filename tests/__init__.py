"""Tests: without I/O in reading, orders, planning, writing; against real servers in adapters; whole walks in walks."""

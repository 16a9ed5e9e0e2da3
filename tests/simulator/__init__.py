"""Tests of the simulated LMS: that it is strict where it should be, and broken only where it says so."""

"""What people see: pages as bytes, the headers that go with them, and the files they ask for.

Nothing here answers a request or knows why a launch was refused; it is handed values and draws them.
"""

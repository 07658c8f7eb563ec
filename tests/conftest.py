"""What all tests share."""

from hypothesis import settings

# The same examples on every run and every machine, and no failure because a machine is slow.
settings.register_profile("whentocall", derandomize=True, deadline=None)
settings.load_profile("whentocall")


def pytest_configure(config):
    config.addinivalue_line("markers", "smoke: worth repeating against the installed wheel")

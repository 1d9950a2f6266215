# SPDX-License-Identifier: EUPL-1.2
"""What every browser test gets: one Chromium for each worker, with scripts on and in a window of 1280 px."""
import chrome
import pytest


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    driver = chrome.driver_new(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture
def driver(chromium):
    chrome.scripts(chromium, True)
    chrome.scheme(chromium, "light")
    chrome.resize(chromium, 1280)
    yield chromium
    chromium.get("about:blank")

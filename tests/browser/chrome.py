# SPDX-License-Identifier: EUPL-1.2
"""Debian's Chromium, driven by chromedriver, and what the tests ask it: the size and the looks of the window, keys as a
keyboard sends them, a page without scripts or without its sheets."""
import os

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = ("--headless=new --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage --no-first-run "
         "--disable-background-networking --disable-component-update --disable-sync --hide-scrollbars "
         "--force-device-scale-factor=1").split()
NO_SHEET = "document.querySelectorAll('link[rel=stylesheet]').forEach(l => l.remove())"
# What a key sends beside its name: the number that programs know it by, and its character.
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "ArrowDown": (40, ""), "ArrowUp": (38, ""), " ": (32, " ")}
SHIFT = 8


def driver_new(profile):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={profile}")
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver", log_path=os.devnull), options=options)
    driver.set_page_load_timeout(120)
    driver.set_script_timeout(120)
    return driver


def resize(driver, width, height=900, scale=1):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False})


def scheme(driver, name):
    """light or dark."""
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})


def scripts(driver, on):
    """Whether pages may run scripts; those of the tests run all the same."""
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not on})


def press(driver, key, modifiers=0):
    code, text = KEYS[key]
    sent = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
    driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyDown" if text else "rawKeyDown", "text": text, **sent})
    driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyUp", **sent})


def type_text(driver, text):
    for character in text:
        driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "char", "text": character})


def is_gone(element):
    """While one page gives way to the next the browser has more than one word for it."""
    try:
        element.is_enabled()
    except WebDriverException:
        return True
    return False


def leave(driver, act):
    """Does what leads to another page and waits until that one stands there."""
    old = driver.find_element("tag name", "html")
    act()
    WebDriverWait(driver, 90, poll_frequency=0.02).until(lambda _: is_gone(old))
    WebDriverWait(driver, 90, poll_frequency=0.02).until(
        lambda _: driver.execute_script("return document.readyState") == "complete")

import base64
import hashlib
import re
from importlib import resources

import pytest
from jinja2 import UndefinedError

from grader.pages.environment import environment, percent, points

PAGE = """{% extends "base.html.j2" %}{% block title %}{{ name }}{% endblock %}
{% block content %}<p class="hostile">{{ name }}</p>{% endblock %}"""


@pytest.fixture(scope="module")
def page():
    return environment().from_string(PAGE)


def test_what_a_student_named_is_text_wherever_it_stands(page):
    shown = page.render(name="</title></style><script>alert('1\"')</script>\u202egnp.\x1b[2J")
    assert shown.count("<script") == 1
    assert "&lt;script&gt;alert(&#39;1&#34;&#39;)" in shown
    assert "\u202e" not in shown
    assert "\x1b" not in shown
    assert "\\u202e" in shown


def test_a_name_that_is_missing_is_an_error(page):
    with pytest.raises(UndefinedError):
        page.render()


def test_the_policy_allows_the_pages_own_style_and_script_alone(page):
    shown = page.render(name="x")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', shown).group(1)
    policy = policy.replace("&#39;", "'").replace("&#43;", "+")
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", shown, re.S)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy


def test_a_page_asks_nobody_for_anything(page):
    shown = page.render(name="x")
    assert not re.search(r"https?:|//[a-z]|@import|url\(", shown.replace('href="data:,"', ""))
    assert 'style="' not in shown  # the policy would not let it


def test_points_and_shares_are_short():
    assert [points(value) for value in (0.0, 2.5, 15, 1 / 3)] == ["0", "2.5", "15", "0.33"]
    assert [percent(value) for value in (None, 0.98765)] == ["—", "98.77 %"]
    assert percent(0.5, 0) == "50 %"


def _luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", ["light", "dark by the system", "dark by choice"])
def test_text_can_be_read_on_every_ground(theme):
    """WCAG 2.2, AA: a contrast of at least 4.5 to 1."""
    css = (resources.files("grader") / "pages" / "style.css").read_text(encoding="utf-8")
    blocks = [
        dict(re.findall(r"--(\w+): (#\w{6});", body)) for body in re.findall(r"{([^{}]*)}", css)
    ]
    themes = [block for block in blocks if len(block) > 10][:3]
    colours = dict(zip(["light", "dark by the system", "dark by choice"], themes, strict=True))[
        theme
    ]
    for ground in ("ground", "raised"):
        for ink in sorted(set(colours) - {"ground", "raised", "line", "track"}):
            lighter, darker = sorted(
                (_luminance(colours[ink]), _luminance(colours[ground])), reverse=True
            )
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (ink, ground)

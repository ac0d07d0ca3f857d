"""config.yaml and the environment: what is accepted, and how a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.cli.settings import Secrets, Settings, as_yaml, hide_password, load
from bot.cli.template import template
from engine.domain import Market
from engine.errors import BadConfiguration

ROOT = Path(__file__).resolve().parents[3]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def mistake(path: Path) -> str:
    with pytest.raises(BadConfiguration) as caught:
        load(path)
    return str(caught.value).replace(str(path), "config.yaml")


def test_the_shipped_file_is_the_commented_template_of_the_defaults() -> None:
    shipped = ROOT / "config.yaml"
    assert shipped.read_text(encoding="utf-8") == template()
    assert load(shipped) == Settings()


def test_every_key_of_the_shipped_file_has_a_comment_above_it() -> None:
    previous = ""
    for line in template().splitlines():
        key = line.strip().split(":")[0]
        told = previous.strip().startswith("#") or (
            line.startswith("    ") and line.strip()[0].isupper()
        )
        assert not line.strip() or line.strip().startswith("#") or told, key
        previous = line


def test_a_partial_file_keeps_every_other_default(tmp_path: Path) -> None:
    settings = load(written(tmp_path, "engine:\n  convention: inverse\n"))
    assert settings.engine.convention == "inverse"
    assert settings.jobs == Settings().jobs


@pytest.mark.parametrize("text", ["", "# nothing\n", "engine:\n"])
def test_an_empty_file_or_section_means_defaults(tmp_path: Path, text: str) -> None:
    assert load(written(tmp_path, text)) == Settings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "engine:\n  conventon: naive\n",
            "config.yaml:2: engine.conventon: unknown key; expected one of convention",
        ),
        ("boot: {}\n", "config.yaml:1: boot: unknown key; expected one of engine, jobs, bot."),
        (
            "bot:\n  timezone: Mars/Base\n",
            "config.yaml:2: bot.timezone: expected a time zone like UTC or America/New_York,"
            " found 'Mars/Base'.",
        ),
        (
            "jobs:\n  refresh:\n    crypto:\n      every: often\n",
            "config.yaml:4: jobs.refresh.crypto.every: expected a duration like 60s, 3m, 1h or 7d,"
            " found 'often'.",
        ),
        (
            "jobs:\n  assets:\n    BTC: {group: crypto, venues: [deribt]}\n",
            "config.yaml:3: jobs.assets.BTC.venues.0: expected one of cboe, deribit, replay,"
            " found 'deribt'.",
        ),
        (
            "engine:\n  convention: sideways\n",
            "config.yaml:2: engine.convention: ",
        ),
        (
            "engine:\n  convention: opra_book\n",
            "config.yaml:2: engine.convention: expected a convention of signs, found 'opra_book'",
        ),
        (
            "engine:\n  conventions:\n    mine: [2.5, -1]\n",
            "config.yaml:3: engine.conventions.mine.0: expected less than or equal to 1, found 2",
        ),
        (
            "bot:\n  telegram:\n    base_url: nonsense\n",
            "config.yaml:3: bot.telegram.base_url: expected an address like https://host/path,"
            " found 'nonsense'.",
        ),
        (
            "bot:\n  allow:\n    users: [null]\n",
            "config.yaml:3: bot.allow.users.0: expected an id, a number as the platform shows it,"
            " found None.",
        ),
        (
            "jobs:\n  refresh:\n    crypto:\n      every: .inf\n",
            "config.yaml:4: jobs.refresh.crypto.every: expected less than or equal to",
        ),
        ("engine:\n  a: 1\n  a: 2\n", "config.yaml:3: engine.a is set twice."),
        ("engine: [1\n", "config.yaml:"),
        ("- engine\n", "config.yaml:1: expected the sections engine, jobs and bot."),
        (
            "jobs:\n  providers:\n    cboe:\n      base_url: cdn.cboe.com/x\n",
            "config.yaml:4: jobs.providers.cboe.base_url: expected scheme://host[:port],"
            " found 'cdn.cboe.com/x'.",
        ),
    ],
)
def test_a_mistake_is_told_with_line_key_expected_and_found(
    tmp_path: Path, text: str, told: str
) -> None:
    assert told in mistake(written(tmp_path, text))


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = "engine:\n  neutral_band: 3\nbot:\n  theme: pink\n"
    assert len(mistake(written(tmp_path, text)).splitlines()) == 2


def test_a_named_file_that_is_absent_is_told(tmp_path: Path) -> None:
    assert "expected a configuration file, found none" in mistake(tmp_path / "other.yaml")


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "bot:\n  telegram:\n    base_url: http://file/bot\n")
    monkeypatch.setenv("TELEGRAM_BASE_URL", "http://rig/bot")
    monkeypatch.setenv("DISCORD_GATEWAY_URL", "ws://rig/gateway")
    monkeypatch.setenv("GEXWIRE_BOT__ALLOW__OPEN", "true")
    settings = load(path)
    assert settings.bot.telegram.base_url == "http://rig/bot"
    assert settings.bot.discord.gateway_url == "ws://rig/gateway"
    assert settings.bot.allow.open


def test_a_mistake_in_the_environment_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEXWIRE_ENGINE__NEUTRAL_BAND", "wide")
    assert "environment GEXWIRE_ENGINE__NEUTRAL_BAND: engine.neutral_band: expected" in mistake(
        written(tmp_path, "")
    )


def test_ids_are_accepted_as_numbers_and_as_text(tmp_path: Path) -> None:
    settings = load(written(tmp_path, "bot:\n  allow:\n    users: [123, '456']\n"))
    assert settings.bot.allow.users == ("123", "456")


def test_what_is_printed_hides_secrets_and_reads_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEXWIRE_JOBS__STORE__URL", "postgresql://gex:hunter2@db/gex")
    monkeypatch.setenv("TELEGRAM_TOKEN", "12:secret")
    text = as_yaml(load(None))
    assert "hunter2" not in text
    assert "secret" not in repr(Secrets())
    monkeypatch.delenv("GEXWIRE_JOBS__STORE__URL")
    assert load(written(tmp_path, text)).engine == Settings().engine
    assert yaml.safe_load(text)["jobs"]["refresh"]["crypto"]["every"] == "1m"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///data/x.db", "sqlite:///data/x.db"),
        ("postgresql://u@h/db", "postgresql://u@h/db"),
        ("postgresql://u:p@ss@h/db", "postgresql://u:***@h/db"),
    ],
)
def test_only_a_password_is_hidden(url: str, shown: str) -> None:
    assert hide_password(url) == shown


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1: 2\n", "config.yaml:1: 1: unknown key; expected one of engine, jobs, bot."),
        ("jobs: !!python/object:x {}\n", "config.yaml:1: not valid YAML"),
        ("jobs:\n  ? [1]\n  : 2\n", "config.yaml:2: not valid YAML (found unhashable key)."),
        ("jobs: 2026-13-45\n", "a date or number cannot be read"),
        ("bot: &a {theme: *a}\n", "expected keys that do not contain themselves."),
        ("bot:\n  telegram:\n", "config.yaml:2: bot.telegram: expected keys below it, found None."),
        ("bot: {log_level: loud}\n", "expected one of debug, info, warning, error, found 'loud'."),
        ("jobs: {workers: 1.5}\n", "jobs.workers: expected a whole number, found 1.5."),
        (
            "jobs: {assets: {BTC: {venues: [deribit]}}}\n",
            "BTC.group: expected a value, found none.",
        ),
        (
            "jobs: {assets: {btc: {group: us, venues: [cboe]}}}\n",
            "expected a name of capital letters",
        ),
        (
            "jobs: {providers: {cboe: {base_url: 'http://h:99999'}}}\n",
            "base_url: expected scheme://host[:port], found 'http://h:99999'.",
        ),
    ],
)
def test_what_yaml_allows_and_settings_do_not_is_one_sentence(
    tmp_path: Path, text: str, told: str
) -> None:
    sentence = mistake(written(tmp_path, text))
    assert told in sentence
    assert len(sentence.splitlines()) == 1


@pytest.mark.parametrize("group", ["crypto", "us", "india"])
def test_every_key_of_a_group_may_stand_alone(tmp_path: Path, group: str) -> None:
    text = f"jobs: {{refresh: {{{group}: {{jitter: 7s}}}}}}\n"
    market = Market(group)
    refresh, usual = load(written(tmp_path, text)).jobs.refresh.of(market), Settings().jobs.refresh
    assert (refresh.jitter, refresh.every) == (7.0, usual.of(market).every)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("GEXWIRE_JOBS", "nothing", "environment GEXWIRE_JOBS: expected JSON, found 'nothing'."),
        ("GEXWIRE_JOBS", '{"x": 1}', "environment GEXWIRE_JOBS: jobs.x: unknown key"),
        ("GEXWIRE_JOB__STORE__URL", "x", "GEXWIRE_JOB__STORE__URL: expected one of GEXWIRE_ENGINE"),
    ],
)
def test_a_variable_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert told in mistake(written(tmp_path, ""))

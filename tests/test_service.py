"""The installed service as a process: without a network, with a venue, and when it is killed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.processes import LocalDeribit, Running, configuration, eventually, gexwire

NOWHERE = "http://127.0.0.1:9"


def picture(folder: Path) -> Path:
    [path] = folder.glob("*.png")
    with Image.open(path) as image:
        assert image.size == (1200, 800)
    return path


def test_without_network_or_token_the_simulated_market_answers(tmp_path: Path) -> None:
    config = configuration(tmp_path, NOWHERE)
    done = gexwire(tmp_path, "ask", "/gex BTC", "--config", str(config), "--out", "pictures")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        "deribit is not answering (connection refused). I keep trying.",
        "No venue answers: a SIMULATED market stands in until one does.",
    ]
    assert done.stdout.startswith("SIMULATED · BTC")
    for label in ("Net GEX", "Call wall", "Put wall", "Gamma flip", "Max pain", "Expected move"):
        assert label in done.stdout
    assert picture(tmp_path / "pictures").name in done.stdout


def test_a_venue_that_never_answers_is_given_up_within_ten_seconds(tmp_path: Path) -> None:
    with LocalDeribit(stalled=True).serving() as venue:
        config = configuration(tmp_path, venue.url)
        done = gexwire(tmp_path, "ask", "/gex BTC", "--config", str(config))
    assert done.stdout.startswith("SIMULATED"), done.stderr
    assert "deribit is not answering" in done.stderr


def test_a_real_answer_is_not_simulated_and_outlives_its_venue(tmp_path: Path) -> None:
    with LocalDeribit().serving() as venue:
        config = str(configuration(tmp_path, venue.url))
        first = gexwire(tmp_path, "ask", "/gex BTC", "--config", config)
    again = gexwire(tmp_path, "ask", "/gex BTC 7d", "--config", config, "--json")
    assert "SIMULATED" not in first.stdout + again.stdout
    assert "42 of 42 live contracts" in first.stdout
    blocks = json.loads(again.stdout)["blocks"]
    assert {block["type"] for block in blocks} >= {"title", "facts", "chart", "footnote"}


def test_a_question_with_a_token_set_never_gets_a_simulated_answer(tmp_path: Path) -> None:
    config = str(configuration(tmp_path, NOWHERE))
    done = gexwire(tmp_path, "ask", "/gex BTC", "--config", config, env={"TELEGRAM_TOKEN": "1:x"})
    assert (done.returncode, "SIMULATED" in done.stdout) == (4, False)
    assert done.stdout.strip() == (
        "No data for BTC yet: deribit is not answering (connection refused)."
    )


def test_headless_it_prints_the_first_answer_and_keeps_refreshing(tmp_path: Path) -> None:
    with LocalDeribit().serving() as venue:
        config = str(configuration(tmp_path, venue.url))
        with Running(tmp_path, "run", "--config", config) as service:
            eventually(lambda: "Chart: " in service.out, "the first answer")
            seen = venue.asked
            eventually(lambda: venue.asked > seen + 4, "more refreshes")
            venue.broken = True
            eventually(lambda: "deribit is not answering (HTTP 502)" in service.err, "the outage")
            venue.broken = False
            eventually(lambda: "deribit is answering again." in service.err, "its end")
            assert service.stop() == 0
    assert service.out.count("dealer gamma") == 1
    assert service.err.count("is not answering") == 1
    assert "Traceback" not in service.out + service.err


def test_the_first_real_snapshot_ends_the_simulated_market(tmp_path: Path) -> None:
    venue = LocalDeribit(broken=True)
    with venue.serving():
        config = str(configuration(tmp_path, venue.url))
        with Running(tmp_path, "run", "--config", config) as service:
            eventually(lambda: "SIMULATED · BTC" in service.out, "the simulated answer")
            venue.broken = False
            eventually(lambda: "answering again" in service.err, "the venue's return")
            done = gexwire(tmp_path, "ask", "/gex BTC", "--config", config)
            assert "SIMULATED" not in done.stdout
            assert "BTC 100,000 · dealer gamma POSITIVE" in done.stdout


def test_questions_can_be_piped_into_the_chat(tmp_path: Path) -> None:
    typed = "/gex BTC\n/gxe BTC\n/gex BTX\n/follow BTC\n/status\nquit\n"
    done = gexwire(tmp_path, "chat", "--demo", typed=typed)
    assert done.returncode == 0, done.stderr
    for part in ("SIMULATED · BTC", "Did you mean /gex BTC?", "Did you mean BTC?", "followed here"):
        assert part in done.stdout


def test_a_killed_service_starts_again_on_what_it_had(tmp_path: Path) -> None:
    with LocalDeribit().serving() as venue:
        config = str(configuration(tmp_path, venue.url))
        with Running(tmp_path, "run", "--config", config) as service:
            for _ in range(3):
                eventually(lambda seen=venue.asked: venue.asked > seen + 3, "refreshes")  # type: ignore[misc]
                service.kill()
                service.start()
            eventually(lambda seen=venue.asked: venue.asked > seen + 3, "refreshes")  # type: ignore[misc]
            assert service.stop() == 0
    done = gexwire(tmp_path, "ask", "/gex BTC", "--config", config)
    assert "BTC 100,000 · dealer gamma POSITIVE" in done.stdout, done.stderr
    assert "Traceback" not in service.err


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("ask", "/gex BTX", "--demo"), 2, "Did you mean BTC?"),
        (("ask", "/gex BTC yesterday", "--demo"), 2, "I can't read the expiry 'yesterday'."),
        (("ask", "/nonsense", "--demo"), 2, "I don't know /nonsense."),
        (("ask", "/help", "--config", "absent.yaml"), 3, "expected a configuration file"),
        (("analyse", "absent.json", "--venue", "deribit", "--asset", "BTC"), 2, "absent.json"),
        (("analyse", "README", "--venue", "nasdaq", "--asset", "BTC"), 2, "expected one of"),
        (("verify", "absent.json"), 2, "found none"),
        (("verify", "cases.json"), 2, "greeks, case 1: expected this section's inputs"),
        (("run", "--config", "cases.json"), 3, "cases.json:1: greeks: unknown key"),
    ],
)
def test_a_mistake_is_one_sentence_and_a_documented_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    (tmp_path / "README").write_text("not a payload", encoding="utf-8")
    (tmp_path / "cases.json").write_text(
        '{"greeks": [{"id": 1, "input": {}, "expected": {}}]}', encoding="utf-8"
    )
    done = gexwire(tmp_path, *arguments)
    assert done.returncode == code, done.stderr
    assert told in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_says_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    config = str(configuration(tmp_path, NOWHERE))
    done = gexwire(tmp_path, "doctor", "--config", config)
    assert done.returncode == 1
    assert "FAIL deribit: deribit is not answering (connection refused)." in done.stdout
    assert "jobs.providers.deribit.base_url" in done.stdout
    assert "ok   database: sqlite:///data/gexwire.db; 0 snapshots" in done.stdout
    assert "ok   telegram: off; set TELEGRAM_TOKEN to switch it on" in done.stdout
    with LocalDeribit().serving() as venue:
        config = str(configuration(tmp_path, venue.url))
        well = gexwire(tmp_path, "doctor", "--config", config)
    assert "ok   deribit: BTC: 42 contracts" in well.stdout
    alive = gexwire(tmp_path, "doctor", "--alive", "--config", config)
    assert (alive.returncode, alive.stdout) == (1, "FAIL service: no job has finished yet\n")


def test_config_prints_what_is_in_force_without_secrets(tmp_path: Path) -> None:
    done = gexwire(
        tmp_path,
        "config",
        env={"DISCORD_TOKEN": "verysecret", "GEXWIRE_JOBS__STORE__URL": "postgresql://a:pw@h/x"},
    )
    assert "verysecret" not in done.stdout
    assert "postgresql://a:***@h/x" in done.stdout
    assert "# DISCORD_TOKEN: set (environment only)" in done.stdout

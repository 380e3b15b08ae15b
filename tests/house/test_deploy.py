"""What lies in deploy/ can be used: each file is read by the program it is for, where that is here, and names only what there is."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from config.environment import Environment, read

HOUSE = Path(__file__).parents[2]
DEPLOY = HOUSE / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SETTINGS = {one.metadata["name"] for one in fields(Environment)}
NOT_OURS = {"NAWZAJEM_NAME", "NAWZAJEM_DOORS", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}


def understood(words: list[str]) -> None:
    """A command of ours with these words; one that is not known ends the parser."""
    command = import_module(f"nawzajem.management.commands.{words[0]}").Command()
    command.create_parser("nawzajem", words[0]).parse_args(words[1:])


# -- containers -------------------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "Containerfile").read_text())
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest) for name, rest in lines]


def test_the_image_is_made_of_what_is_here_and_runs_as_nobody_in_particular():
    known = ["FROM", "COPY", "RUN", "WORKDIR", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"]
    assert {name for name, _rest in instructions()} <= set(known)
    kept = (HOUSE / ".containerignore").read_text().split()
    for rest in (rest for name, rest in instructions() if name == "COPY" and "--from" not in rest):
        for source in rest.split()[:-1]:
            assert (HOUSE / source).exists(), source
            assert f"!{source.split('/')[0]}" in kept
    said = dict(instructions())
    assert said["USER"] == "nawzajem"
    assert "--require-hashes" in next(rest for name, rest in instructions() if name == "RUN")
    assert said["STOPSIGNAL"] == "SIGTERM"
    assert json.loads(said["ENTRYPOINT"]) == ["python", "-m", "nawzajem"]
    understood(json.loads(said["CMD"]))
    assert set(re.findall(r"(NAWZAJEM_\w+|HOST|PORT)=", said["ENV"])) <= SETTINGS


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_the_services_say_words_that_the_commands_understand():
    services = compose()["services"]
    ours = {name: one for name, one in services.items() if one.get("image") == "nawzajem"}
    assert set(ours) == {"prepare", "pages", "live", "worker"}
    for one in ours.values():
        understood(one["command"])
        assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"])
    for one in services.values():
        assert set(one.get("depends_on", {})) <= set(services)
        assert set(one) <= {
            "image", "build", "env_file", "restart", "read_only", "tmpfs", "cap_drop", "security_opt", "command", "volumes",
            "healthcheck", "depends_on", "deploy", "stop_grace_period", "ports",
        }  # fmt: skip
        for volume in one.get("volumes", []):
            named = volume.split(":")[0]
            assert named in compose()["volumes"] or (DEPLOY / named).exists(), volume


def test_only_the_proxy_can_be_reached_from_outside():
    assert [name for name, one in compose()["services"].items() if "ports" in one] == ["proxy"]


def test_the_pages_are_where_the_doors_look_for_them():
    services = compose()["services"]
    host, port = services["live"]["command"][-1].split(":")
    assert host in services
    assert services[host]["command"][-1].endswith(f":{port}")


def test_the_example_of_settings_names_settings_and_holds_no_key():
    lines = [
        line for line in (DEPLOY / "house.env.example").read_text().splitlines() if line and not line.startswith("#")
    ]
    given = dict(line.split("=", 1) for line in lines)
    assert set(given) - NOT_OURS <= SETTINGS
    assert given["NAWZAJEM_KEY"] == ""
    assert read({name: value for name, value in given.items() if name in SETTINGS}).leave == 10
    grace = compose()["services"]["live"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > int(given["NAWZAJEM_LEAVE"]) + 10  # and what it was given is still written


# -- units ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", [one for one in UNITS if one.suffix == ".service"], ids=lambda path: path.name)
def test_units_start_what_there_is_as_somebody_without_rights(unit):
    said = dict(line.split("=", 1) for line in unit.read_text().splitlines() if "=" in line)
    program, *words = shlex.split(said["ExecStart"])
    assert program == "/opt/nawzajem/bin/nawzajem"
    understood(words)
    assert (said["User"], said["NoNewPrivileges"], said["ProtectSystem"]) == ("nawzajem", "yes", "strict")


def test_systemd_understands_the_units(tmp_path):
    tool = shutil.which("systemd-analyze")
    if not tool:
        pytest.skip("there is no systemd here")
    for unit in UNITS:
        there = tmp_path / unit.name
        there.write_text(unit.read_text().replace("/opt/nawzajem/bin/nawzajem", "/bin/true"))
    done = subprocess.run([tool, "verify", *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert (done.returncode, complaints) == (0, []), done.stderr


# -- proxies ----------------------------------------------------------------------------------------------------------


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "help.example.org")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    (folder / "fullchain.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))


def test_nginx_understands_its_file(tmp_path):
    tool = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not tool:
        pytest.skip("there is no nginx here")
    certificate(tmp_path)
    ours = (DEPLOY / "nginx.conf").read_text().replace("/etc/letsencrypt/live/help.example.org", str(tmp_path))
    ours = re.sub(r"listen (80|443)\b", lambda found: f"listen 127.0.0.1:1{found[1]:0>4}", ours)
    whole = f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}} http {{ {ours} }}"
    (tmp_path / "nginx.conf").write_text(whole)
    done = subprocess.run([tool, "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


def test_the_proxies_hand_streams_through_and_ask_who_takes_people():
    nginx, caddy = ((DEPLOY / name).read_text() for name in ("nginx.conf", "Caddyfile"))
    assert "proxy_buffering off" in nginx.split("location /live/")[1]
    assert "access_log off" in nginx
    assert "flush_interval -1" in caddy
    assert "health_uri /readyz" in caddy
    assert caddy.count("{") == caddy.count("}")

"""The simulator as Python users drive it: on its manual clock, no test waits."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest
from sim_support import platform

import gcrec
from gcrec.testing import ALL, PERMISSIONS, SimCommand, Simulator, SimulatorError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(calls=2, clock="manual", propagation=2.0, token_lifetime=600) as simulator:
        yield simulator


@pytest.fixture
def token(sim: Simulator) -> str:
    return gcrec.get_access_token(sim.client_id, sim.client_secret, sim.base_url)


def test_accepted_now_and_true_later(face: Any, sim: Simulator, token: str) -> None:
    call = sim.calls[0]
    assert face.check_recording_status(token, sim.base_url, call) is None
    face.control_recording(token, sim.base_url, call, "start")
    sim.advance(1.9)
    assert (sim.state(call), sim.commands(call)) == ("stopped", [])
    sim.advance(0.1)
    assert sim.state(call) == "recording"
    assert face.check_recording_status(token, sim.base_url, call)["status"] == "recording"
    [command] = sim.commands(call)
    assert isinstance(command, SimCommand)
    assert (command.action, command.at) == ("start", 2.0)


def test_a_command_that_would_change_nothing_is_a_conflict(face: Any, sim: Simulator, token: str) -> None:
    call = sim.calls[0]
    face.control_recording(token, sim.base_url, call, "start")
    with pytest.raises(gcrec.RecordingConflictError):  # accepted and not yet in effect counts
        face.control_recording(token, sim.base_url, call, "start")


def test_unknown_and_ended_calls_are_404(face: Any, sim: Simulator, token: str) -> None:
    call = sim.add_call("a/b ü")
    sim.end_call(call)
    for gone in (call, "unknown"):
        with pytest.raises(gcrec.NotFoundError):
            face.control_recording(token, sim.base_url, gone, "start")
        assert face.check_recording_status(token, sim.base_url, gone) is None


def test_an_expired_and_a_revoked_token_are_401(face: Any, sim: Simulator, token: str) -> None:
    sim.advance(599)
    assert face.get_active_voice_call(token, sim.base_url)["id"] == sim.calls[0]
    sim.advance(1)
    with pytest.raises(gcrec.AuthenticationError):
        face.get_active_voice_call(token, sim.base_url)
    fresh = face.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
    sim.revoke_tokens()
    with pytest.raises(gcrec.AuthenticationError, match=r"token.*scopes"):
        face.get_active_voice_call(fresh, sim.base_url)


def test_a_missing_scope_is_403_and_named(face: Any) -> None:
    with Simulator(scopes=["conversation:read"]) as sim:
        token = face.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
        with pytest.raises(gcrec.PermissionDeniedError, match="conversation:recording:write"):
            face.control_recording(token, sim.base_url, sim.calls[0], "start")


def test_past_the_limit_is_429_with_the_servers_wish(face: Any) -> None:
    with Simulator(clock="manual", rate_limit=2, rate_window=30) as sim:
        token = face.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
        for _ in range(2):
            face.get_active_voice_call(token, sim.base_url)
        with pytest.raises(gcrec.RateLimitError) as caught:
            face.get_active_voice_call(token, sim.base_url, max_retries=0)
        assert caught.value.retry_after == 30.0
        sim.advance(30)
        face.get_active_voice_call(token, sim.base_url)


@pytest.mark.parametrize(
    ("fault", "error", "maybe_sent", "effect"),
    [
        ({"status_code": 500}, gcrec.ServerError, True, False),
        ({"status_code": 500, "effect": True}, gcrec.ServerError, True, True),
        ({"status_code": 409}, gcrec.RecordingConflictError, False, False),
        ({"reset": "before"}, gcrec.TransportError, True, False),
        ({"reset": "after"}, gcrec.TransportError, True, True),
        ({"truncate": True}, gcrec.TransportError, True, True),
        ({"garbage": True}, gcrec.DecodeError, True, True),
        ({"slow": True}, gcrec.RequestTimeoutError, True, True),
        ({"delay": 60.0}, gcrec.RequestTimeoutError, True, True),
    ],
)
def test_every_fault_is_an_honest_error(
    face: Any,
    sim: Simulator,
    token: str,
    fault: dict[str, Any],
    error: type[gcrec.GcrecError],
    maybe_sent: bool,
    effect: bool,
) -> None:
    call = sim.calls[0]
    sim.fail("control", **fault)
    with pytest.raises(error) as caught:
        face.control_recording(token, sim.base_url, call, "start", timeout=0.5)
    sim.advance(2)
    sent = sum(request.method == "POST" and call in request.path for request in sim.requests)
    assert (caught.value.maybe_sent, sent, len(sim.commands(call))) == (maybe_sent, 1, int(effect))


def test_never_is_accepted_and_then_nothing(face: Any, sim: Simulator, token: str) -> None:
    sim.fail("control", never=True)
    face.control_recording(token, sim.base_url, sim.calls[0], "start")
    sim.advance(3600)
    assert (sim.state(sim.calls[0]), sim.commands(sim.calls[0])) == ("stopped", [])


def test_a_secure_pause_on_the_published_api(sim: Simulator, token: str) -> None:
    call = sim.add_call(state="recording")
    state = f"conversations/{call}/recordingstate"
    assert platform(sim, token, "PATCH", state, {"recordingState": "PAUSED"}) == (202, None)
    sim.advance(2)
    _, shown = platform(sim, token, "GET", f"conversations/{call}")
    assert (sim.state(call), shown["recordingState"], shown["securePause"]) == ("paused", "PAUSED", True)
    [command] = sim.commands(call)
    assert (command.action, command.at) == ("pause", 2.0)
    assert platform(sim, token, "PATCH", state, {"recordingState": "NONE"})[1]["code"] == "invalid.value"


def test_a_missing_permission_is_403_and_named() -> None:
    with Simulator(permissions=[PERMISSIONS[0]], scopes=ALL) as sim:
        token = gcrec.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
        path = f"conversations/{sim.calls[0]}"
        assert platform(sim, token, "GET", path)[0] == 200
        status, body = platform(sim, token, "PATCH", f"{path}/recordingstate", {"recordingState": "PAUSED"})
    assert (status, body["code"], PERMISSIONS[1] in body["message"]) == (403, "missing.any.permissions", True)


@pytest.mark.parametrize("attached", [False, True])
def test_holds_transfers_and_other_hands(sim: Simulator, token: str, attached: bool) -> None:
    steering = Simulator.attach(sim.base_url) if attached else sim
    call = steering.add_call(state="recording")
    steering.by_hand(call, "pause")
    assert sim.state(call) == "recording"
    steering.advance(2)
    steering.hold(call)
    assert steering.state(call) == "paused"
    steering.transfer(call)
    assert (steering.state(call), sim.commands(call)) == ("recording", [SimCommand("pause", 2.0, "")])
    steering.hold(call)
    assert (steering.state(call), gcrec.check_recording_status(token, sim.base_url, call)["status"]) == (
        "held",
        "recording",
    )
    steering.hold(call, on=False)
    assert steering.state(call) == "recording"
    _, shown = platform(sim, token, "GET", f"conversations/{call}")
    assert [party["calls"][0]["state"] for party in shown["participants"]] == ["connected", "disconnected", "connected"]
    steering.end_call(call)
    with pytest.raises(SimulatorError) as caught:
        steering.transfer(call)
    assert caught.value.code == "ended_call"


def test_a_policys_recording_is_not_stopped(face: Any, sim: Simulator, token: str) -> None:
    call = sim.add_call(policy=True)
    with pytest.raises(gcrec.RecordingConflictError):
        face.control_recording(token, sim.base_url, call, "stop")
    sim.by_hand(call, "stop")
    sim.advance(2)
    assert sim.state(call) == "recording"
    _, shown = platform(sim, token, "GET", f"conversations/{call}")
    assert [party["calls"][0]["recordersState"]["adhocState"] for party in shown["participants"]] == ["NONE", "NONE"]


def test_older_organisations_and_trunks() -> None:
    with Simulator(secure_pause=False, suppress_hold=False) as sim:
        token = gcrec.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
        call = sim.add_call(state="recording")
        sim.hold(call)
        _, shown = platform(sim, token, "GET", f"conversations/{call}")
        assert (sim.state(call), shown["recordingState"], "securePause" in shown) == ("recording", "ACTIVE", False)
        assert shown["participants"][1]["calls"][0]["held"]


def test_a_late_command_arrives_after_the_client_gave_up(face: Any, sim: Simulator, token: str) -> None:
    call = sim.calls[0]
    sim.fail("control", reset="after", late=8.0)
    with pytest.raises(gcrec.TransportError) as caught:
        face.control_recording(token, sim.base_url, call, "start")
    sim.advance(7.9)
    assert (caught.value.maybe_sent, sim.state(call)) == (True, "stopped")
    sim.advance(0.1)
    assert (sim.state(call), sim.commands(call)[0].at) == ("recording", 8.0)


def test_faults_end_by_count_or_by_word(sim: Simulator, token: str) -> None:
    sim.fail("calls", times=2, status_code=404)
    for _ in range(2):
        with pytest.raises(gcrec.NotFoundError):
            gcrec.get_active_voice_call(token, sim.base_url)
    assert gcrec.get_active_voice_call(token, sim.base_url)
    sim.fail(times=None, status_code=404)
    sim.clear_faults()
    assert gcrec.get_active_voice_call(token, sim.base_url)


def test_the_same_seed_is_the_same_world() -> None:
    def world(seed: int) -> list[str]:
        with Simulator(seed=seed) as sim:
            return [*sim.calls, sim.client_id, sim.client_secret]

    assert world(1) == world(1)
    assert world(1) != world(2)


def test_a_simulator_of_another_process_has_the_same_names(sim: Simulator, token: str) -> None:
    other = Simulator.attach(sim.base_url)
    call = other.add_call(state="recording")
    assert (other.calls, other.state(call), other.env()) == (sim.calls, "recording", sim.env())
    other.fail("control", status_code=503, retry_after="soon")
    with pytest.raises(gcrec.ServerError):
        gcrec.control_recording(token, sim.base_url, call, "stop")
    gcrec.control_recording(token, sim.base_url, call, "stop")
    other.advance(2)
    assert other.commands(call) == sim.commands(call) != []
    assert other.requests == sim.requests
    other.end_call(call)
    assert call not in sim.calls
    other.stop()
    assert sim.calls  # it goes on


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("unknown_call", lambda sim: sim.state("unknown")),
        ("duplicate_id", lambda sim: sim.add_call(sim.calls[0])),
        ("invalid_id", lambda sim: sim.add_call("")),
        ("invalid_fault", lambda sim: sim.fail("control")),
        ("invalid_fault", lambda sim: sim.fail("nowhere", slow=True)),
        ("invalid_option", lambda sim: sim.advance(-1)),
        ("invalid_option", lambda sim: sim.by_hand(sim.calls[0], "press")),
        ("invalid_option", lambda sim: sim.add_call(state="running")),
        ("unknown_call", lambda sim: sim.hold("unknown")),
        ("invalid_fault", lambda sim: sim.fail("control", status_code=504, late=1.0)),
        ("invalid_option", lambda sim: Simulator(permissions=["a b"]).start()),
        ("invalid_option", lambda sim: Simulator(propagation=(2, 1)).start()),
        ("invalid_option", lambda sim: Simulator(clock="wrong").start()),
        ("bind", lambda sim: Simulator(port=int(sim.base_url.rsplit(":", 1)[1])).start()),
        ("real_clock", lambda sim: Simulator().start().advance(1)),
    ],
)
@pytest.mark.parametrize("attached", [False, True])
def test_nonsense_is_refused_in_words(sim: Simulator, code: str, wrong: Any, attached: bool) -> None:
    with pytest.raises(SimulatorError) as caught:
        wrong(Simulator.attach(sim.base_url) if attached else sim)
    assert (caught.value.code, isinstance(caught.value, ValueError)) == (code, True)


def test_calls_come_and_go_by_a_schedule_if_one_is_asked_for() -> None:
    with Simulator(calls=0, clock="manual", appear_every=10.0, last=(15.0, 15.0)) as sim:
        assert sim.calls == []
        sim.advance(11)
        [first] = sim.calls
        sim.advance(10)
        assert first in sim.calls
        sim.advance(10)
        assert first not in sim.calls


def test_a_forked_child_is_told_that_it_has_a_copy(sim: Simulator) -> None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            sim.revoke_tokens()
        except RuntimeError as error:
            os.write(write, str(error).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert b"attach" in os.read(read, 1000)
    assert sim.calls


def test_it_runs_only_inside_its_block() -> None:
    sim = Simulator()
    with pytest.raises(RuntimeError, match="not running"):
        _ = sim.base_url
    with sim:
        base_url = sim.base_url
    with pytest.raises(gcrec.ConnectError):
        gcrec.get_active_voice_call("token", base_url, max_retries=0)


def test_it_is_an_async_context_manager_too() -> None:
    async def main() -> None:
        async with Simulator() as sim:
            await gcrec.get_access_token_async(sim.client_id, sim.client_secret, sim.base_url)

    asyncio.run(main())


def test_tls_with_its_own_authority(face: Any, tmp_path: Any) -> None:
    with Simulator(tls=True) as sim:
        bundle = tmp_path / "ca.pem"
        bundle.write_text(sim.ca_pem or "")
        with pytest.raises(gcrec.TlsError) as caught:
            face.get_access_token(sim.client_id, sim.client_secret, sim.base_url)
        assert not caught.value.maybe_sent
        token = face.get_access_token(sim.client_id, sim.client_secret, sim.base_url, ca_bundle=bundle)
        assert face.get_active_voice_call(token, sim.base_url, ca_bundle=str(bundle))["id"] in sim.calls
        assert Simulator.attach(sim.base_url, ca_bundle=bundle).calls == sim.calls


def test_the_fixture_leads_the_environment_to_it(genesys_cloud: Simulator) -> None:
    assert os.environ["GENESYS_BASE_URL"] == genesys_cloud.base_url
    assert len(genesys_cloud.calls) == 3


def test_what_is_no_simulator_is_told(sim: Simulator) -> None:
    with pytest.raises(RuntimeError, match="does not answer"):
        Simulator.attach("http://127.0.0.1:9")
    with pytest.raises(TypeError, match="scopes"):
        Simulator(scopes="conversation:read")
    with pytest.raises(TypeError, match="permissions"):
        Simulator(permissions="conversation:communication:view")
